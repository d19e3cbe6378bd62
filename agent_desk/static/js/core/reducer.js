/**
 * Snapshot plus numbered updates: the one law by which a page's picture of the desk changes.
 *
 * A snapshot is the whole truth at `seq`; the update with `seq + 1` may be applied to it, nothing
 * else. An older update is a repetition and is ignored. A newer one means that something was
 * missed: the picture is kept, marked out of sync, and only a new snapshot mends it. Whoever
 * applies all updates to an old snapshot therefore holds exactly what a fresh snapshot would say.
 */

/** What is known before the first snapshot. */
export const NOTHING_YET = Object.freeze({ seq: null, inSync: false, state: null });

/**
 * Make the reducer of one namespace.
 * @param {(state: object, changes: object) => object} merge how `changes` enter the state
 * @returns {(view: object, message: object) => object} next view; the same object if unchanged
 */
export function reducerWith(merge) {
  return function reduce(view, message) {
    if (message.type === "snapshot") {
      return { seq: message.seq, inSync: true, state: message.state };
    }
    if (!view.inSync || message.seq <= view.seq) return view;
    if (message.seq !== view.seq + 1) return { ...view, inSync: false };
    return { seq: message.seq, inSync: true, state: merge(view.state, message.changes) };
  };
}

/** `/desk`: each top-level key is replaced whole. */
export function replaceKeys(state, changes) {
  return { ...state, ...changes };
}

/** `/floor`: each top-level key is a table by id; null removes a row. */
export function mergeById(state, changes) {
  const next = { ...state };
  for (const [table, rows] of Object.entries(changes)) {
    next[table] = { ...next[table] };
    for (const [id, row] of Object.entries(rows)) {
      if (row === null) delete next[table][id];
      else next[table][id] = row;
    }
  }
  return next;
}
