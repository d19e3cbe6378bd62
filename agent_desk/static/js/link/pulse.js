/**
 * The page's heartbeat, and how the page itself learns that nobody hears it.
 *
 * A dead network closes no socket for a long time, so each beat asks for a receipt; when one is
 * overdue the page says so. The receipt is the transport's own, the desk's code does nothing for
 * it. Until a first receipt has come the watch is off: a desk that sends none is not a lost one.
 */
export const FAST_MS = 1000; // while a customer may be connected any moment
export const SLOW_MS = 1500;
const OVERDUE_MS = 1400; // SLOW_MS + OVERDUE_MS < 3 s: the time in which a loss must be visible
const HOPELESS_MS = 5000;
const FAST_STATES = new Set(["starting", "available", "reserved"]);

export class Pulse extends EventTarget {
  #link;
  #read;
  #timers;
  #now;
  #next = null;
  #unanswered = null;
  #watching = false;
  #silent = false;

  /**
   * @param {import("./socket.js").Link} link of `/pulse`
   * @param {() => {state: string|null, beat: object}} read the seat's state and what to report
   * @param {{timers?: object, now?: () => number}} [options]
   */
  constructor(link, read, { timers = globalThis, now = () => performance.now() } = {}) {
    super();
    this.#link = link;
    this.#read = read;
    this.#timers = timers;
    this.#now = now;
    link.addEventListener("up", () => this.#restart());
    link.addEventListener("down", () => this.#stop());
  }

  /** Send at once: something changed that the desk should know now (the microphone died). */
  beatNow() {
    if (this.#link.up) this.#beat();
  }

  #restart() {
    this.#stop();
    this.#unanswered = null;
    this.#beat();
  }

  #stop() {
    this.#timers.clearTimeout(this.#next);
    this.#watching = false;
    this.#say(false);
  }

  #beat() {
    this.#timers.clearTimeout(this.#next);
    const { state, beat } = this.#read();
    const sentAt = this.#now();
    this.#unanswered ??= sentAt;
    this.#link.emit("pulse", beat, () => this.#receipt());
    this.#watch();
    this.#next = this.#timers.setTimeout(() => this.#beat(),
      FAST_STATES.has(state) ? FAST_MS : SLOW_MS);
  }

  #watch() {
    if (!this.#watching) return;
    this.#timers.setTimeout(() => {
      if (this.#unanswered === null || !this.#watching) return;
      const waited = this.#now() - this.#unanswered;
      if (waited >= OVERDUE_MS) this.#say(true);
      if (waited >= HOPELESS_MS) this.#link.renew();
    }, OVERDUE_MS);
  }

  #receipt() {
    this.#unanswered = null;
    this.#watching = true;
    this.#say(false);
  }

  #say(silent) {
    if (silent === this.#silent) return;
    this.#silent = silent;
    this.dispatchEvent(new CustomEvent("silence", { detail: { silent } }));
  }
}
