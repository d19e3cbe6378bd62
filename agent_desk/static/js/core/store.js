/**
 * Where a page keeps its state: one store for what the server says, one for what only this tab
 * knows. Both are `EventTarget`s; views listen for `change` and draw. Nothing else holds state.
 */
import { NOTHING_YET } from "./reducer.js";

/** What the server says, by `core/reducer.js`. Fires `change`, and `gap` when out of step. */
export class ServerStore extends EventTarget {
  #reduce;
  #view = NOTHING_YET;

  constructor(reduce) {
    super();
    this.#reduce = reduce;
  }

  /** The state itself, or null before the first snapshot. */
  get state() {
    return this.#view.state;
  }

  get inSync() {
    return this.#view.inSync;
  }

  /** Take in a `snapshot` or `update` message. */
  receive(message) {
    const before = this.#view;
    const after = this.#reduce(before, message);
    if (after === before) return;
    this.#view = after;
    if (before.inSync && !after.inSync) this.dispatchEvent(new Event("gap"));
    if (after.state === before.state) return;
    const detail = { before: before.state, after: after.state };
    this.dispatchEvent(new CustomEvent("change", { detail }));
  }
}

/** What only this tab knows: the link, the microphone, what is typed and not yet saved. */
export class LocalStore extends EventTarget {
  #state;

  constructor(initial) {
    super();
    this.#state = Object.freeze({ ...initial });
  }

  get state() {
    return this.#state;
  }

  /** Replace some keys; fires `change` only if one of them really differs. */
  set(patch) {
    const before = this.#state;
    if (Object.entries(patch).every(([key, value]) => Object.is(before[key], value))) return;
    this.#state = Object.freeze({ ...before, ...patch });
    this.dispatchEvent(new CustomEvent("change", { detail: { before, after: this.#state } }));
  }
}
