/**
 * The seats as rows: what each column is ordered by, and by several columns at once. Pure.
 *
 * The first key is the one clicked; each further one settles what the ones before leave equal, and
 * in the end whoever is longest in their state comes first, as on the tiles. What a seat has not
 * (nobody on the line, no wrap-up yet) comes last in either direction.
 */
import { sinceOf } from "./floor_order.js";
import { STATES } from "./floor_filters.js";
import { liveMetrics } from "./metrics.js";

export const MOST_KEYS = 4;
export const FIRST_SORT = Object.freeze([
  Object.freeze({ by: "state", down: false }), Object.freeze({ by: "time", down: true }),
]);
// Of these the large ones are what a lead looks for.
const LARGE_FIRST = /^(time|calls|promises|wrap|idle|code:.+)$/;
const LEVELS = ["urgent", "attention"];
const IN_TALK = new Set(["talking", "hold"]);
const CODE = "code:";

const words = (list) => (list.length ? list.join(" ") : null);
const rank = (list, value) => (value === undefined ? null : list.indexOf(value));

/** What a column is ordered by: a number, a text, or null. */
const VALUES = {
  name: (seat) => seat.name,
  state: (seat) => rank(STATES, seat.state),
  time: (seat) => -sinceOf(seat),
  alert: (seat, { levels }) => rank(LEVELS, levels.get(seat.id)),
  customer: (seat) => (seat.customer ? `${seat.customer.name} ${seat.customer.number}` : null),
  campaign: (seat) => seat.campaign,
  team: (seat) => seat.team || null,
  calls: (seat) => seat.calls,
  promises: (seat) => seat.promises,
  wrap: (seat) => seat.wrap_avg_s ?? null,
  idle: (seat, { nowMs }) => liveMetrics(seat, seat, nowMs).idle_s,
  bars: (seat) => barsOf(seat),
  hand: (seat) => seat.hand?.reason ?? null,
  by: (seat) => words(seat.supervised_by.map(({ name }) => name)),
  skills: (seat) => words(seat.skills),
};

/** How well the talk is heard, 1 to 5; null outside of a talk, and before it was measured. */
export function barsOf(seat) {
  return (IN_TALK.has(seat.state) && seat.quality?.bars) || null;
}

/** How often a status was pressed today; null where its campaign has no such status. */
export function statusCount(seat, code, campaigns) {
  const own = campaigns[seat.campaign_id]?.statuses ?? [];
  return own.some((each) => each.code === code) ? seat.codes[code] ?? 0 : null;
}

/** The statuses of all campaigns, each once: `{code, label}`. */
export function statusesOf(campaigns) {
  const labels = new Map();
  for (const { statuses = [] } of Object.values(campaigns)) {
    for (const { code, label } of statuses) if (!labels.has(code)) labels.set(code, label);
  }
  return [...labels].map(([code, label]) => ({ code, label }));
}

/** The columns there are, in their order. */
export function columnsOf(campaigns) {
  const statuses = statusesOf(campaigns).map(({ code }) => `${CODE}${code}`);
  return Object.keys(VALUES).flatMap((id) => (id === "promises" ? [...statuses, id] : [id]));
}

/** The code of a status' column; null for any other. */
export function codeOf(column) {
  return column.startsWith(CODE) ? column.slice(CODE.length) : null;
}

/** Keys as somebody kept them; columns nobody has and what is not understood are left out. */
export function readSort(kept) {
  const keys = Array.isArray(kept) ? kept : FIRST_SORT;
  const seen = new Set();
  return keys.flatMap((key) => {
    const by = key?.by;
    const isColumn = typeof by === "string" && (Object.hasOwn(VALUES, by) || codeOf(by));
    if (!isColumn || seen.has(by)) return [];
    seen.add(by);
    return [{ by, down: key.down === true }];
  }).slice(0, MOST_KEYS);
}

/**
 * The keys after a heading was pressed: alone it becomes the only key, or turns round; as a further
 * one it comes last, turns round, and goes.
 */
export function pressed(keys, by, further) {
  const down = LARGE_FIRST.test(by);
  const at = keys.findIndex((key) => key.by === by);
  const turned = at < 0 ? { by, down } : { by, down: !keys[at].down };
  if (!further) return [at === 0 ? turned : { by, down }];
  if (at < 0) return keys.length < MOST_KEYS ? [...keys, turned] : keys;
  if (keys[at].down === down) return keys.map((key, index) => (index === at ? turned : key));
  return keys.filter((key) => key.by !== by);
}

const collator = new Intl.Collator("ja", { numeric: true });
const places = new Map(); // by column: the place of each text among all that were ever seen

/** A thousand names are compared by their place, which is found once and not with each change. */
function asNumbers(column, values) {
  let known = places.get(column);
  if (!known || values.some((value) => value !== null && !known.has(value))) {
    const all = [...new Set(values.filter((value) => value !== null))].sort(collator.compare);
    known = new Map(all.map((text, place) => [text, place]));
    places.set(column, known);
  }
  return values.map((value) => (value === null ? null : known.get(value)));
}

function numbersOf(by, seats, context) {
  const code = codeOf(by);
  const value = code === null ? VALUES[by] : (seat) => statusCount(seat, code, context.campaigns);
  const values = seats.map((seat) => value(seat, context));
  return values.some((each) => typeof each === "string") ? asNumbers(by, values) : values;
}

/**
 * The seats in the order of `keys`.
 * @param {{levels: Map<string, string>, campaigns: object, nowMs: number|null}} context
 */
export function sorted(seats, keys, context) {
  const columns = keys.map(({ by, down }) => ({ down, of: numbersOf(by, seats, context) }));
  const order = seats.map((_, index) => index);
  order.sort((a, b) => {
    for (const { of, down } of columns) {
      if (of[a] === of[b]) continue;
      if (of[a] === null) return 1;
      if (of[b] === null) return -1;
      return down ? of[b] - of[a] : of[a] - of[b];
    }
    return sinceOf(seats[a]) - sinceOf(seats[b]) || (seats[a].id < seats[b].id ? -1 : 1);
  });
  return order.map((index) => seats[index]);
}

/** While somebody is at a row: nothing moves or goes, and whoever is new comes last. */
export function held(shown, wanted) {
  const there = new Set(shown);
  return [...shown, ...wanted.filter((id) => !there.has(id))];
}
