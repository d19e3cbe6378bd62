/** How far lists have come, in shares; null stands for "nothing to divide by". */

/** Finished, tried and not begun, of all entries. */
export function shares({ entries, tried, finished }) {
  if (!entries) return null;
  const reached = Math.max(tried, finished); // a list can be closed without a call
  return { finished: finished / entries, tried: (reached - finished) / entries };
}

/** All lists as one. */
export function together(lists) {
  const sum = (name) => lists.reduce((total, list) => total + list[name], 0);
  return { entries: sum("entries"), tried: sum("tried"), finished: sum("finished") };
}
