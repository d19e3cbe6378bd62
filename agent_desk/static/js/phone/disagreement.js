/**
 * When a leg that the browser calls up and the desk calls down is replaced.
 *
 * A desk that was just restarted calls every leg down until the gateway has told it otherwise, and
 * replacing a leg a customer is heard on would put a hole into the talk that the restart did not.
 * So only a leg on which nothing arrives is in doubt, and only when the doubt lasts.
 */
const LASTING_MS = 4000;

export class Disagreement {
  #replace;
  #timers;
  #timer = null;

  /** @param {() => void} replace called once each time the doubt has lasted */
  constructor(replace, { timers = globalThis } = {}) {
    this.#replace = replace;
    this.#timers = timers;
  }

  /** @param {{up: boolean, saidDown: boolean, hearing: boolean}} leg as it is now */
  look({ up, saidDown, hearing }) {
    if (!up || !saidDown || hearing) {
      this.#timers.clearTimeout(this.#timer);
      this.#timer = null;
    } else {
      this.#timer ??= this.#timers.setTimeout(() => {
        this.#timer = null;
        this.#replace();
      }, LASTING_MS);
    }
  }
}
