/**
 * The server's time, told by this machine's monotonic clock.
 *
 * Each message carries `server_time`, but arrives late by an unknown delay, so the sample with the
 * greatest offset is the least delayed one and the best. The wall clock of the operator's machine
 * is never used: it may be wrong, and may be set during a shift. The window is short so that drift,
 * a suspended laptop, or another desk clock after a restart are forgotten.
 */
const WINDOW = 12;
const JUMP_MS = 3000;

export class ServerClock {
  #monotonic;
  #offsets = [];

  /** @param {() => number} monotonic milliseconds, e.g. `() => performance.now()` */
  constructor(monotonic) {
    this.#monotonic = monotonic;
  }

  /** Take in the `server_time` (ISO 8601) of a message that has just arrived. */
  observe(serverTime) {
    const offset = Date.parse(serverTime) - this.#monotonic();
    if (Number.isNaN(offset)) return;
    if (this.#offsets.length && Math.abs(offset - this.#best()) > JUMP_MS) this.#offsets = [];
    this.#offsets.push(offset);
    if (this.#offsets.length > WINDOW) this.#offsets.shift();
  }

  /** True once a server time was seen. */
  get known() {
    return this.#offsets.length > 0;
  }

  /** Milliseconds since the epoch by the server's clock; null before the first message. */
  now() {
    return this.known ? this.#monotonic() + this.#best() : null;
  }

  /** Seconds since an ISO instant, never negative; 0 when either is unknown. */
  secondsSince(instant) {
    if (!instant || !this.known) return 0;
    return Math.max(0, (this.now() - Date.parse(instant)) / 1000);
  }

  /** Seconds until an ISO instant, never negative; null when there is none. */
  secondsUntil(instant) {
    if (!instant || !this.known) return null;
    return Math.max(0, (Date.parse(instant) - this.now()) / 1000);
  }

  #best() {
    return Math.max(...this.#offsets);
  }
}
