/** What a screen on the wall shows of its figures; pure. */

export const PER_PAGE = 4;
export const PAGE_MS = 12_000;

const RUNNING_FIRST = { running: 0, draining: 1, paused: 2, stopped: 3 };

/** Running campaigns first, then by name. */
export function campaignsInOrder(campaigns) {
  return Object.values(campaigns).sort((one, other) =>
    RUNNING_FIRST[one.running] - RUNNING_FIRST[other.running]
    || one.name.localeCompare(other.name, "ja") || one.id - other.id);
}

/** How many pages so many campaigns take; at least one. */
export function pagesOf(count) {
  return Math.max(1, Math.ceil(count / PER_PAGE));
}

/** The campaigns of a page; a page that is no more is the first one. */
export function onPage(campaigns, page) {
  const shown = page < pagesOf(campaigns.length) ? page : 0;
  return campaigns.slice(shown * PER_PAGE, (shown + 1) * PER_PAGE);
}

/** `part` of `whole` in per cent with one decimal, or null where there is nothing to divide by. */
export function percent(part, whole) {
  return whole ? (100 * part / whole).toFixed(1) : null;
}

/** `none` while nobody answered, `over` the target, or `within` it. */
export function budgetState({ live, abandoned, target }) {
  if (!live) return "none";
  return abandoned > target * live ? "over" : "within";
}

/** Seats that are ready, in a call, writing up, away; whatever else a seat is doing is starting. */
export function seatFigures(seats) {
  const of = (...states) => states.reduce((sum, state) => sum + (seats[state] ?? 0), 0);
  return {
    available: of("available", "reserved"),
    talking: of("talking", "hold"),
    wrap_up: of("wrap_up"),
    away: of("away", "starting"),
  };
}
