/** The alerts of the floor as a lead reads them: what nobody has acknowledged first. Pure. */

/** How many are drawn: beyond that a list is no help, and the seats say the same. */
export const MOST_SHOWN = 50;

const RANK = { urgent: 0, attention: 1 };

/** In the order of the list: unknown before known, urgent before the rest, the oldest first. */
export function inOrder(alerts) {
  return Object.values(alerts).sort((a, b) =>
    Number(a.by !== null) - Number(b.by !== null) ||
    RANK[a.level] - RANK[b.level] ||
    Date.parse(a.since) - Date.parse(b.since) ||
    a.id.localeCompare(b.id));
}

/** Those nobody has acknowledged. */
export function unknown(alerts) {
  return Object.values(alerts).filter(({ by }) => by === null);
}

const kept = new WeakMap(); // of a picture's alerts: those of each seat

/** A seat's alerts, in the order of the list. Worked out once for each picture of the floor. */
export function ofSeat(alerts, seat) {
  if (!kept.has(alerts)) {
    const seats = new Map();
    for (const alert of inOrder(alerts)) {
      seats.set(alert.seat, [...(seats.get(alert.seat) ?? []), alert]);
    }
    kept.set(alerts, seats);
  }
  return kept.get(alerts).get(seat) ?? [];
}

/** What began between two pictures of the floor; the first picture is no news. */
export function begun(before, after) {
  return before ? unknown(after).filter(({ id }) => !(id in before)) : [];
}
