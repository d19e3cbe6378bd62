/**
 * What was asked of the desk and is not answered yet, and what it refused last, by place on the
 * page: `run:1`, `stop:1`. A place does one thing at a time; other places are not held up by it.
 */
export class Doing extends EventTarget {
  #ask;
  #under = new Map();
  #refused = new Map();

  /** @param {(event: string, payload: object) => Promise<string|null>} ask resolves with the
   *   sentence of a refusal, or null when it is done */
  constructor(ask) {
    super();
    this.#ask = ask;
  }

  /** What is under way here (a label), or null. */
  under(place) {
    return this.#under.get(place) ?? null;
  }

  /** Why the desk refused what was asked last here, or null. */
  refused(place) {
    return this.#refused.get(place) ?? null;
  }

  /** Ask these one after the other, up to the first refusal; true when all were done. */
  async run(place, label, commands) {
    if (this.#under.has(place)) return false;
    this.#under.set(place, label);
    this.#refused.delete(place);
    this.#changed();
    let refusal = null;
    for (const [event, payload] of commands) {
      refusal = await this.#ask(event, payload);
      if (refusal !== null) break;
    }
    this.#under.delete(place);
    if (refusal !== null) this.#refused.set(place, refusal);
    this.#changed();
    return refusal === null;
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
