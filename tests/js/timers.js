/** A clock and timers that move only when a test moves them. */
export class FakeTimers {
  #now = 0;
  #next = 1;
  #waiting = new Map();

  now = () => this.#now;

  setTimeout(run, ms) {
    const id = this.#next++;
    this.#waiting.set(id, { at: this.#now + ms, run });
    return id;
  }

  setInterval(run, ms) {
    const id = this.#next++;
    this.#waiting.set(id, { at: this.#now + ms, run, every: ms });
    return id;
  }

  clearTimeout(id) {
    this.#waiting.delete(id);
  }

  /** Let time pass; what is due runs in order. */
  pass(ms) {
    const end = this.#now + ms;
    for (;;) {
      const due = [...this.#waiting].filter(([, one]) => one.at <= end)
        .sort(([, a], [, b]) => a.at - b.at)[0];
      if (!due) break;
      const [id, one] = due;
      this.#now = one.at;
      if (one.every) one.at += one.every;
      else this.#waiting.delete(id);
      one.run();
    }
    this.#now = end;
  }
}

/** What a `Storage` does, in memory. */
export class FakeStorage {
  #items = new Map();
  getItem = (key) => this.#items.get(key) ?? null;
  setItem = (key, value) => this.#items.set(key, String(value));
  removeItem = (key) => this.#items.delete(key);
}
