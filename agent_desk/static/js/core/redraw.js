/**
 * When views draw: once per turn after any store changed, and their timers at every tick and, where
 * the page is small, after each drawing.
 *
 * A view that fails must not take the others with it; the failure is reported, not swallowed.
 */

export class Redraw {
  #draws = [];
  #ticks = [];
  #due = false;
  #report;
  #ticksFollow;

  /**
   * @param {EventTarget[]} stores whose `change` asks for drawing
   * @param {{tickMs?: number, ticksFollow?: boolean, timers?: object,
   *   report?: (error: unknown) => void}} [options]
   */
  constructor(stores, options = {}) {
    const { tickMs = 250, ticksFollow = true, timers = globalThis } = options;
    const { report = (error) => reportError(error) } = options;
    this.#report = report;
    this.#ticksFollow = ticksFollow;
    for (const store of stores) store.addEventListener("change", () => this.soon());
    timers.setInterval(() => this.#run(this.#ticks), tickMs);
  }

  /** Register what is drawn after every change; it is drawn once right away. */
  draw(paint) {
    this.#draws.push(paint);
    this.soon();
  }

  /** Register what changes with time alone. */
  tick(paint) {
    this.#ticks.push(paint);
  }

  /** Draw at the end of this turn: several changes in one turn are drawn once. */
  soon() {
    if (this.#due) return;
    this.#due = true;
    queueMicrotask(() => {
      this.#due = false;
      this.#run(this.#draws);
      if (this.#ticksFollow) this.#run(this.#ticks);
    });
  }

  #run(paints) {
    for (const paint of paints) {
      try {
        paint();
      } catch (error) {
        this.#report(error);
      }
    }
  }
}
