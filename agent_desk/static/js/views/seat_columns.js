/** The columns of the table of seats: heading, width, and what a cell shows. */
import { barsOf, codeOf, columnsOf, statusCount, statusesOf } from "../core/floor_table.js";
import { timer } from "../core/format.js";
import { liveMetrics } from "../core/metrics.js";
import { el, icon, reconcile, setAttributes, setIcon, setText } from "./dom.js";
import { alertLevel, badgeIcon, badgesOf, stateText } from "./seat_tile.js";

/** Of whoever may steer: messages, and coming into the call. Nothing to order by. */
export const ACTIONS = "actions";
const BEFORE_ACTIONS = "alert";
const WIDTHS = { // rem
  name: 11, state: 10, time: 5, alert: 11.5, customer: 8, campaign: 11, team: 8, calls: 6.8,
  promises: 6.8, wrap: 7.4, idle: 6.5, bars: 4.5, hand: 7.5, by: 10, skills: 10, actions: 20,
};
const STATUS_WIDTH = 6.8;
const NUMBERS = /^(time|calls|promises|wrap|idle|bars|code:.+)$/;

/** `draw` what a seat shows, `drawTime` what changes with time alone; cells are by column. */
export function seatColumns({ server, clock, t, f, maySteer }) {
  const of = (columns) => (!maySteer ? columns
    : columns.flatMap((each) => (each === BEFORE_ACTIONS ? [each, ACTIONS] : [each])));

  function label(column) {
    const code = codeOf(column);
    if (code === null) return t(`floor.column.${column}`);
    return statusesOf(server.state.campaigns).find((each) => each.code === code)?.label ?? code;
  }

  function nameCell(seat) {
    if (!maySteer) return [];
    return [el("button", { type: "button", class: "row-open", "data-part": "seat-open",
      "data-testid": "seat-open", title: t("orders.open", { name: seat.name }) })];
  }

  const inside = {
    name: nameCell,
    state: () => [el("span", { class: "row-state" }, icon("offline"), el("span"))],
    alert: () => [el("span", { class: "row-badges" })],
    actions: (seat) => [el("button", {
      type: "button", class: "chip-button", "data-part": "message", "data-testid": "message-open",
      "aria-label": t("floor.message.to", { name: seat.name }), title: t("floor.message.open"),
    }, icon("message"))],
  };

  /** The cells of a new row, by column. */
  function cells(columns, seat) {
    return new Map(columns.map((column) => [column, el(column === "name" ? "th" : "td", {
      scope: column === "name" ? "row" : null, role: column === "name" ? "rowheader" : "cell",
      "data-part": column,
      class: column === ACTIONS ? "row-actions" : NUMBERS.test(column) ? "number" : null,
      "data-seat": column === ACTIONS ? seat.id : null,
    }, ...(inside[column]?.(seat) ?? []))]));
  }

  const join = (names) => names.filter(Boolean).join("・");
  const count = (value) => (value === null ? "" : f.count(value));
  const texts = {
    customer: ({ customer }) => (customer === null ? "" : t("floor.customer", customer).trim()),
    campaign: ({ campaign }) => campaign,
    team: ({ team }) => team ?? "",
    calls: ({ calls }) => f.count(calls),
    promises: ({ promises }) => f.count(promises),
    wrap: ({ wrap_avg_s: average }) => (average === null ? "" : f.duration(average)),
    bars: (seat) => (barsOf(seat) ? t("floor.line_bars", { n: barsOf(seat) }) : ""),
    hand: ({ hand }) => (hand ? t(`help.reason.${hand.reason}`) : ""),
    by: ({ supervised_by: leads }) => join(leads.map(({ name, mode }) =>
      t("supervision.by", { name, mode: t(`supervision.mode.${mode}`) }))),
    skills: ({ skills, lacks }) => {
      const names = join(skills.map((code) => server.state.skills[code]?.name));
      const missing = join((lacks ?? []).map((id) => server.state.campaigns[id]?.name));
      return missing ? `${names} ${t("floor.table.lacks", { names: missing })}`.trim() : names;
    },
  };

  function draw(shown, seat) {
    const state = shown.get("state").firstElementChild;
    setIcon(state.firstElementChild, seat.state);
    setText(state.lastElementChild, stateText(t, seat));
    const name = shown.get("name");
    setText(name.firstElementChild ?? name, seat.name);
    for (const [column, cell] of shown) {
      const code = codeOf(column);
      if (code !== null) setText(cell, count(statusCount(seat, code, server.state.campaigns)));
      else if (texts[column]) setText(cell, texts[column](seat));
    }
    const long = { campaign: seat.campaign, skills: shown.get("skills").textContent };
    for (const [column, title] of Object.entries(long)) {
      setAttributes(shown.get(column), { title: title || null });
    }
    drawTime(shown, seat);
  }

  function drawTime(shown, seat) {
    const seconds = clock.secondsSince(seat.since);
    setText(shown.get("time"), timer(seconds));
    setText(shown.get("idle"), f.duration(liveMetrics(seat, seat, clock.now()).idle_s));
    const badges = badgesOf(t, seat, seconds, server.state);
    const place = shown.get("alert");
    setAttributes(place, { "data-alert": alertLevel(server.state.alerts, seat) });
    setAttributes(place, { title: badges.map(({ text }) => text).join("・") || null });
    // The most pressing one in words; of the others there is room for a sign.
    reconcile(place.firstElementChild, badges.map((badge, nth) => ({ ...badge, nth })), {
      keyOf: (badge) => badge.level,
      create: ({ level }) => el("span", { class: "badge", "data-level": level },
        icon(badgeIcon(level)), el("span")),
      update: ({ lastElementChild: words }, { text, nth }) => {
        setText(words, text);
        setAttributes(words, { class: nth > 0 ? "visually-hidden" : null });
      },
    });
  }

  return {
    all: () => of(columnsOf(server.state.campaigns)),
    isNumber: (column) => NUMBERS.test(column),
    width: (column) => WIDTHS[column] ?? STATUS_WIDTH,
    label, cells, draw, drawTime,
  };
}
