/** One seat's tile: state, time in it, who is on the line, the day's figures, what to look at. */
import { ofSeat } from "../core/alerts.js";
import { urgency } from "../core/floor_order.js";
import { timer } from "../core/format.js";
import { awayText } from "../core/messages.js";
import { liveMetrics } from "../core/metrics.js";
import { orderName } from "../core/orders.js";
import { sideOf } from "../core/quality.js";
import { el, icon, part, reconcile, setAttributes, setIcon, setText } from "./dom.js";

const BADGE_ICONS = {
  queued: "away", long: "clock", inbound: "inbound", hand: "hand", unread: "message",
  loud: "speaker", known: "check",
};
// Alerts that no other badge tells of.
const TOLD_BY_ALERT = new Set(["call", "unrecorded"]);
const IN_TALK = new Set(["talking", "hold"]);

/** A seat's state in words, with the reason of an away. */
export function stateText(t, seat) {
  const state = t(`state.${seat.state}`);
  if (seat.state !== "away" || !seat.reason) return state;
  return t("floor.state_reason", { state, reason: awayText(t, seat.reason) });
}

/** What deserves a look, the most pressing first: `{level, text}`; and who has looked at all. */
export function badgesOf(t, seat, seconds, { thresholds, alerts }) {
  const badges = [];
  const own = ofSeat(alerts, seat.id);
  for (const { kind } of own) {
    if (TOLD_BY_ALERT.has(kind)) badges.push({ level: kind, text: t(`alert.kind.${kind}`) });
  }
  const urgent = urgency(seat.state, seconds, thresholds);
  if (urgent) {
    const n = Math.round(urgent.limitS / 6) / 10;
    badges.push({ ...urgent, text: t("floor.over", { n }) });
  }
  if (seat.link !== "ok") badges.push({ level: seat.link, text: t(`floor.link_${seat.link}`) });
  if (seat.hand) {
    const reason = t(`help.reason.${seat.hand.reason}`);
    badges.unshift({ level: "hand", text: t("floor.hand", { reason }) });
  }
  if (seat.quality?.loud) badges.push({ level: "loud", text: t("floor.loud") });
  if (seat.unread) badges.push({ level: "unread", text: t("floor.unread", { n: seat.unread }) });
  if (seat.inbound) badges.push({ level: "inbound", text: t("desk.inbound") });
  for (const [what, sides] of [["poor", seat.quality?.poor], ["noisy", seat.quality?.noisy]]) {
    const side = sideOf(sides ?? []);
    if (side) badges.push({ level: what, text: t(`floor.${what}_${side}`) });
  }
  if (seat.order && !seat.order.done) {
    const what = orderName(t, seat.order);
    badges.push({ level: "ordered", text: t("floor.order_waiting", { what }) });
  }
  if (seat.queued_away) badges.push({ level: "queued", text: t("floor.away_queued") });
  if (isKnown(own)) {
    // First, for a row has words for one badge only, and the plan has room for few.
    badges.unshift({ level: "known", text: t("alert.known_by", { name: own[0].by_name }) });
  }
  return badges;
}

const isKnown = (alerts) => alerts.length > 0 && alerts.every(({ by }) => by !== null);

/** Whether a seat's alerts wait for somebody (`open`), are acknowledged (`known`), or are none. */
export function alertLevel(alerts, seat) {
  const own = ofSeat(alerts, seat.id);
  if (own.length === 0) return null;
  return isKnown(own) ? "known" : "open";
}

/** The icon of a badge. */
export function badgeIcon(level) {
  return BADGE_ICONS[level] ?? "warning";
}

/** `create` and `update` for `reconcile`, and `drawTime` for the ticks. */
export function seatTile({ server, clock, t, f, maySteer }) {
  const drawn = new WeakMap();
  const figured = new WeakMap();

  const line = (name, ...children) =>
    el("div", { class: `tile-${name}`, "data-part": name }, ...children);
  const button = (name, testId, symbol, label) => (!maySteer ? null : el("button", {
    type: "button", class: "chip-button", "data-part": name, "data-testid": testId,
    "aria-label": label, title: label,
  }, icon(symbol)));
  const create = (seat) => el("article", {
    class: "seat-tile", "data-testid": "seat-tile", "data-seat": seat.id,
  },
    line("head", el("span", { class: "tile-name", "data-part": "name" }),
      el("span", { class: "tile-team", "data-part": "team" }),
      button("message", "message-open", "message", t("floor.message.open")),
      button("seat-open", "seat-open", "people", t("orders.open", { name: seat.name }))),
    line("state", icon("offline"), el("span", { "data-part": "label" }),
      el("span", { class: "tile-time", "data-part": "time" })),
    line("customer"), line("badges"), line("campaign"), line("figures"));

  // A thousand tiles, four updates a second: only a tile whose seat is another object is redrawn.
  function update(tile, seat) {
    if (drawn.get(tile) === seat) return;
    drawn.set(tile, seat);
    setAttributes(tile, { "data-state": seat.state });
    setText(part(tile, "name"), seat.name);
    setText(part(tile, "team"), seat.team ?? "");
    setIcon(part(tile, "state").querySelector("svg"), seat.state);
    setText(part(tile, "label"), stateText(t, seat));
    const skills = seat.skills.map((code) => server.state.skills[code]?.name).filter(Boolean);
    setText(part(tile, "campaign"), skills.length ?
      t("skills.beside", { campaign: seat.campaign, names: skills.join("・") }) : seat.campaign);
    drawCustomer(part(tile, "customer"), seat.customer);
    drawFigures(tile, seat);
    drawTime(tile, seat);
  }

  function drawCustomer(place, customer) {
    const text = customer === null ? "" : t("floor.customer", customer).trim();
    setText(place, text);
    place.hidden = text === "";
    if (text) place.title = t("floor.customer_title");
  }

  function drawFigures(tile, seat) {
    const shown = figuresOf(seat);
    const words = JSON.stringify(shown);
    if (figured.get(tile) === words) return;
    figured.set(tile, words);
    part(tile, "figures").replaceChildren(...shown.map(([label, value, name, title]) =>
      el("span", { title }, `${label} `, el("b", { "data-part": name }, value))));
  }

  /** Label, value and, where another line asks for it, a name and an explanation. */
  function figuresOf(seat) {
    const statuses = server.state.campaigns[seat.campaign_id]?.statuses ?? [];
    const average = seat.wrap_avg_s ?? null;
    const bars = IN_TALK.has(seat.state) ? seat.quality?.bars ?? 0 : 0;
    return [
      ...(bars ? [[t("floor.line"), t("floor.line_bars", { n: bars }), "line",
        t("floor.line_title")]] : []),
      [t("metric.calls"), f.count(seat.calls)],
      ...statuses.map(({ code, label }) => [label, f.count(seat.codes[code] ?? 0)]),
      [t("metric.promises"), f.count(seat.promises)],
      [t("metric.idle"), "", "idle"],
      ...(average === null ? [] : [[t("floor.wrap_average"), f.duration(average)]]),
    ];
  }

  function drawTime(tile, seat) {
    const seconds = clock.secondsSince(seat.since);
    setText(part(tile, "time"), timer(seconds));
    setText(part(tile, "idle"), f.duration(liveMetrics(seat, seat, clock.now()).idle_s));
    setAttributes(tile, { "data-alert": alertLevel(server.state.alerts, seat) });
    reconcile(part(tile, "badges"), badgesOf(t, seat, seconds, server.state), {
      keyOf: (badge) => badge.level,
      create: ({ level }) => el("span", { class: "badge", "data-level": level },
        icon(badgeIcon(level)), el("span")),
      update: (badge, { text }) => setText(badge.lastElementChild, text),
    });
  }

  return { create, update, drawTime };
}
