/**
 * Of what is wanted for one thing in quick succession, only the newest is asked for, one at a time:
 * an arrow key that is held down asks for the last desk and not for each on the way.
 */
export class LatestFirst {
  #ask;
  #wanted = new Map();
  #under = new Set();

  /** @param {(id: string, wish: object) => Promise<void>} ask */
  constructor(ask) {
    this.#ask = ask;
  }

  /** What is wanted and not answered yet, or undefined. */
  wish(id) {
    return this.#wanted.get(id);
  }

  /** All of it, by id. */
  get wishes() {
    return this.#wanted;
  }

  /** Ask for this, after what is under way for the same id; resolves when nothing is wanted. */
  async want(id, wish) {
    this.#wanted.set(id, wish);
    if (this.#under.has(id)) return;
    this.#under.add(id);
    let asked;
    do {
      asked = this.#wanted.get(id);
      await this.#ask(id, asked);
    } while (this.#wanted.get(id) !== asked);
    this.#under.delete(id);
    this.#wanted.delete(id);
  }
}
