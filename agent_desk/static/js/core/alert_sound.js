/** When a new urgent alert is to be heard: where somebody wants it, and not again at once. Pure. */

const KEPT_AS = "alert-sound";
/** Ten alerts of one outage are one sound. */
export const QUIET_MS = 5000;

export class AlertSound {
  #storage;
  #now;
  #last = -Infinity;

  /** @param {{storage: Storage, now: () => number}} parts `now` in milliseconds, of any origin */
  constructor({ storage, now }) {
    this.#storage = storage;
    this.#now = now;
  }

  /** Off until somebody asks for it in this browser. */
  get on() {
    return this.#storage.getItem(KEPT_AS) === "on";
  }

  set on(wanted) {
    this.#storage.setItem(KEPT_AS, wanted ? "on" : "off");
  }

  /** Whether these new alerts are to be heard now; asked once for each picture of the floor. */
  rings(news) {
    const now = this.#now();
    const wanted = this.on && news.some(({ level }) => level === "urgent");
    if (!wanted || now - this.#last < QUIET_MS) return false;
    this.#last = now;
    return true;
  }
}
