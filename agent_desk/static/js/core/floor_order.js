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
 * Seconds after which a state is long, and far too long. VICIdial's colour steps where it has any,
 * two of each, because more than two are not told apart at a glance: waiting 30/60/300 without
 * the 30, in call 10/60/300 without the 10, paused 10/60/300/600/900 without 10, 60 and 600.
 * It has none for hold, wrap-up and starting.
 */
export const THRESHOLDS = {
  available: [60, 300],
  talking: [60, 300],
  hold: [60, 180],
  wrap_up: [60, 180],
  away: [300, 900],
  starting: [60, 300],
};

/** What is remarkable about the time a seat has spent in its state: null, or level and limit. */
export function urgency(state, seconds) {
  const [long, tooLong] = THRESHOLDS[state] ?? [Infinity, Infinity];
  if (seconds < long) return null;
  if (seconds < tooLong) return { level: "long", limitS: long };
  return { level: "too_long", limitS: tooLong };
}

/** How many seats are in a group. */
export function countOf(group, seats) {
  return seats.reduce((count, { state }) => count + group.states.includes(state), 0);
}

// A seat is another object when anything about it changed, so that an instant is read once.
const instants = new WeakMap();

function sinceOf(seat) {
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

/** Keep the seats a lead asked for: by campaign, and by a part of a name. */
export function filterSeats(seats, { campaignId, text }) {
  const wanted = text.trim().toLowerCase();
  return seats.filter((seat) =>
    (campaignId === null || seat.serves.includes(campaignId)) &&
    (wanted === "" || `${seat.name} ${seat.id} ${seat.team ?? ""}`.toLowerCase().includes(wanted)));
}
