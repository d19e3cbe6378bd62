/**
 * The floor as a lead reads it: seats grouped by what they do, most urgent first, the longest in
 * their state before the others. Two thresholds per state say when a duration deserves a look.
 */

/** Groups in the order they are drawn. */
export const GROUPS = [
  { id: "on_call", states: ["talking", "hold"] },
  { id: "wrap_up", states: ["wrap_up"] },
  { id: "available", states: ["available", "reserved"] },
  { id: "away", states: ["away", "starting"] },
  { id: "offline", states: ["offline"] },
];

/**
 * What is remarkable about the time a seat has spent in its state: null, or level and limit.
 * @param {Object<string, {long_s: number, too_long_s: number}>} thresholds as the centre set them
 */
export function urgency(state, seconds, thresholds) {
  const limit = thresholds[state];
  if (!limit || seconds < limit.long_s) return null;
  if (seconds < limit.too_long_s) return { level: "long", limitS: limit.long_s };
  return { level: "too_long", limitS: limit.too_long_s };
}

/** How many seats are in a group. */
export function countOf(group, seats) {
  return seats.reduce((count, { state }) => count + group.states.includes(state), 0);
}

// A seat is another object when anything about it changed, so that an instant is read once.
const instants = new WeakMap();

/** When a seat came into its state. */
export function sinceOf(seat) {
  let since = instants.get(seat);
  if (since === undefined) instants.set(seat, since = Date.parse(seat.since));
  return since;
}

/** Seats of one group, the longest in their state first; the id settles equal instants. */
export function seatsOf(group, seats) {
  return seats
    .filter((seat) => group.states.includes(seat.state))
    .sort((a, b) => sinceOf(a) - sinceOf(b) || a.id.localeCompare(b.id));
}
