/**
 * A page's heartbeat, and how the page itself learns that nobody hears it.
 *
 * A dead network closes no socket for a long time, so each beat asks for a receipt; when one is
 * overdue the page says so. Any acknowledgement will do, a refusal is an answer too. Until a first
 * receipt has come the watch is off: a desk that sends none is not a lost one.
 */
const OVERDUE_MS = 1400; // with a beat every 1.5 s a loss is visible within 3 s
const HOPELESS_MS = 5000;

/** Fires `silence` (detail: {silent}) when the answer stays away, and when it is back. */
export class Heartbeat extends EventTarget {
  #link;
  #event;
  #payload;
  #everyMs;
  #timers;
  #now;
  #next = null;
  #unanswered = null;
  #watching = false;
  #silent = false;

  /**
   * @param {import("./socket.js").Link} link
   * @param {string} event what to send
   * @param {{payload: () => object, everyMs: () => number, timers?: object, now?: () => number}}
   *   options read anew at each beat
   */
  constructor(link, event, { payload, everyMs, timers = globalThis, now = monotonic }) {
    super();
    this.#link = link;
    this.#event = event;
    this.#payload = payload;
    this.#everyMs = everyMs;
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
    this.#unanswered ??= this.#now();
    this.#link.emit(this.#event, this.#payload(), () => this.#receipt());
    if (this.#watching) this.#timers.setTimeout(() => this.#look(), OVERDUE_MS);
    this.#next = this.#timers.setTimeout(() => this.#beat(), this.#everyMs());
  }

  #look() {
    if (this.#unanswered === null || !this.#watching) return;
    const waited = this.#now() - this.#unanswered;
    if (waited >= OVERDUE_MS) this.#say(true);
    if (waited >= HOPELESS_MS) this.#link.renew();
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

function monotonic() {
  return performance.now();
}
