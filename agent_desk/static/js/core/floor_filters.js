/**
 * Which seats a lead asked for, whatever the layout. Everything asked for has to hold; of several
 * states, and of several marks, one is enough. Pure.
 */

export const STATES = [
  "talking", "hold", "reserved", "wrap_up", "available", "away", "starting",
];
/** `alert`: an alert of the seat stands; `hand`: its operator asks for help. */
export const MARKS = ["alert", "hand"];
export const LONGEST_TEXT = 60;
export const NO_FILTERS = Object.freeze({
  team: null, campaign: null, states: [], marks: [], text: "",
});

const known = (list, all) => all.filter((each) => Array.isArray(list) && list.includes(each));
const id = (value) => (Number.isSafeInteger(value) ? value : null);

/** Filters as somebody kept them, whoever wrote that: what is not understood is left out. */
export function readFilters(kept) {
  return {
    team: id(kept?.team), campaign: id(kept?.campaign),
    states: known(kept?.states, STATES), marks: known(kept?.marks, MARKS),
    text: typeof kept?.text === "string" ? kept.text.slice(0, LONGEST_TEXT) : "",
  };
}

/** How many things are asked for. */
export function countFilters({ team, campaign, states, marks, text }) {
  return Number(team !== null) + Number(campaign !== null) + states.length + marks.length +
    Number(text.trim() !== "");
}

/** With one state or mark more, or one less. */
export function toggled(filters, list, one) {
  const had = filters[list];
  const next = had.includes(one) ? had.filter((each) => each !== one) : [...had, one];
  return { ...filters, [list]: known(next, list === "states" ? STATES : MARKS) };
}

/**
 * Without a team or campaign that is not there any more, or not this lead's.
 * @returns {{filters: object, gone: ("team"|"campaign")[]}}
 */
export function withoutGone(filters, { teams, campaigns }) {
  const gone = [
    ...(filters.team !== null && !teams.has(filters.team) ? ["team"] : []),
    ...(filters.campaign !== null && !campaigns.has(filters.campaign) ? ["campaign"] : []),
  ];
  const without = Object.fromEntries(gone.map((name) => [name, null]));
  return { filters: gone.length ? { ...filters, ...without } : filters, gone };
}

// Typed in full width or half, in capitals or not. A seat is another object when it changed.
const asTyped = (text) => text.normalize("NFKC").toLowerCase().trim();
const texts = new WeakMap();

function textOf(seat) {
  let text = texts.get(seat);
  if (text === undefined) {
    texts.set(seat, text = asTyped(`${seat.name} ${seat.id} ${seat.team ?? ""}`));
  }
  return text;
}

/** The most pressing level of the alerts of each seat, by seat. */
export function alertLevels(alerts) {
  const levels = new Map();
  for (const { seat, level } of Object.values(alerts)) {
    if (levels.get(seat) !== "urgent") levels.set(seat, level);
  }
  return levels;
}

/**
 * The seats that were asked for.
 * @param {Map<string, string>} levels see `alertLevels`
 */
export function filterSeats(seats, { team, campaign, states, marks, text }, levels) {
  const wanted = asTyped(text);
  const marked = (seat) => (marks.includes("alert") && levels.has(seat.id)) ||
    (marks.includes("hand") && seat.hand !== null);
  return seats.filter((seat) =>
    (team === null || seat.team_id === team) &&
    (campaign === null || seat.serves.includes(campaign)) &&
    (states.length === 0 || states.includes(seat.state)) &&
    (marks.length === 0 || marked(seat)) &&
    (wanted === "" || textOf(seat).includes(wanted)));
}
