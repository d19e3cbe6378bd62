/**
 * The only file that knows `io()`: one namespace of the desk as a link that heals by itself.
 *
 * Fires `up`, `down`, `message` (detail: {type, ...payload}) and `signed-out`. A refused or expired
 * ticket, a restarted desk and a pulled cable all end in the same place: another attempt, after a
 * growing pause. Only the end of the session, `close()`, or a taken-over page stop it.
 */
import { backOff } from "../core/back_off.js";
import { SignedOut } from "./tickets.js";

const CONNECT_TIMEOUT_MS = 4000;

export class Link extends EventTarget {
  #socket;
  #retry = null;
  #refusals = 0;
  #wanted = false;

  /**
   * @param {string} namespace e.g. "/desk"
   * @param {string[]} events what the server may send
   * @param {{tickets: import("./tickets.js").Tickets, tab: string, io?: Function}} options
   */
  constructor(namespace, events, { tickets, tab, io = globalThis.io }) {
    super();
    this.#socket = io(namespace, {
      transports: ["websocket"],
      autoConnect: false,
      timeout: CONNECT_TIMEOUT_MS,
      reconnectionDelay: 300,
      reconnectionDelayMax: 3000,
      randomizationFactor: 0.5,
      auth: (give) => this.#authenticate({ namespace, tickets, tab }, give),
    });
    this.#socket.on("connect", () => this.#connected());
    this.#socket.on("disconnect", () => this.#lost());
    this.#socket.on("connect_error", () => this.#lost());
    for (const type of events) {
      this.#socket.on(type, (payload) => this.#fire("message", { type, ...payload }));
    }
  }

  get up() {
    return this.#socket.connected;
  }

  open() {
    this.#wanted = true;
    this.#socket.connect();
  }

  /** Stay away until `open()`. */
  close() {
    this.#wanted = false;
    clearTimeout(this.#retry);
    this.#socket.disconnect();
  }

  /** Give up a transport that does not answer; the link then reconnects on its own. */
  renew() {
    this.#socket.io.engine?.close();
  }

  /** Send an event. `acknowledged(reply)` is called at most once, and never after a loss. */
  emit(event, payload, acknowledged) {
    this.#socket.emit(event, payload, acknowledged);
  }

  #connected() {
    this.#refusals = 0;
    this.#fire("up");
  }

  // The client library reconnects lost transports itself, but not a socket that the server refused
  // or closed: `active` tells the two apart.
  #lost() {
    this.#fire("down");
    if (!this.#wanted || this.#socket.active) return;
    clearTimeout(this.#retry);
    this.#refusals += 1;
    const pause = backOff(this.#refusals, { firstMs: 400, mostMs: 5000 });
    this.#retry = setTimeout(() => this.#wanted && this.#socket.connect(), pause);
  }

  async #authenticate({ namespace, tickets, tab }, give) {
    try {
      give({ ticket: await tickets.take(namespace), tab });
    } catch (error) {
      if (error instanceof SignedOut) {
        this.close();
        this.#fire("signed-out");
      } else {
        give({ ticket: "", tab }); // the server refuses it, and the next attempt asks again
      }
    }
  }

  #fire(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
