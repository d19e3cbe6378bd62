/** One tile per live seat: state, time in it, today's figures, and what deserves a look. */
import { filterSeats, GROUPS, seatsOf, urgency } from "../core/floor_order.js";
import { timer } from "../core/format.js";
import { awayText } from "../core/messages.js";
import { liveMetrics } from "../core/metrics.js";
import { sideOf } from "../core/quality.js";
import { el, icon, part, reconcile, setAttributes, setIcon, setText } from "./dom.js";

const BADGE_ICONS = {
  queued: "away", long: "clock", inbound: "inbound", hand: "hand", unread: "message",
  loud: "speaker",
};
const IN_TALK = new Set(["talking", "hold"]);

export function seatTiles({ root, server, clock, redraw, t, f, maySteer }) {
  const groups = part(root, "seat-groups");
  const drawn = new WeakMap();
  const filter = { campaignId: null, text: "" };
  part(root, "filter-campaign").addEventListener("change", ({ target }) => {
    filter.campaignId = target.value === "" ? null : Number(target.value);
    redraw.soon();
  });
  part(root, "filter-text").addEventListener("input", ({ target }) => {
    filter.text = target.value;
    redraw.soon();
  });

  const line = (name, ...children) =>
    el("div", { class: `tile-${name}`, "data-part": name }, ...children);
  const writeButton = () => (!maySteer ? null : el("button", {
    type: "button", class: "chip-button", "data-part": "message", "data-testid": "message-open",
    "aria-label": t("floor.message.open"), title: t("floor.message.open"),
  }, icon("message")));
  const create = (seat) => el("article", {
    class: "seat-tile", "data-testid": "seat-tile", "data-seat": seat.id,
  },
    line("head", el("span", { class: "tile-name", "data-part": "name" }),
      el("span", { class: "tile-team", "data-part": "team" }), writeButton()),
    line("state", icon("offline"), el("span", { "data-part": "label" }),
      el("span", { class: "tile-time", "data-part": "time" })),
    line("badges"), line("campaign"), line("figures"));

  // Five hundred tiles, four updates a second: only a tile whose seat is another object is redrawn.
  function update(tile, seat) {
    if (drawn.get(tile) === seat) return;
    drawn.set(tile, seat);
    setAttributes(tile, { "data-state": seat.state });
    setText(part(tile, "name"), seat.name);
    setText(part(tile, "team"), seat.team ?? "");
    setIcon(part(tile, "state").querySelector("svg"), seat.state);
    setText(part(tile, "label"), labelOf(seat));
    setText(part(tile, "campaign"), seat.campaign);
    part(tile, "figures").replaceChildren(...figuresOf(seat));
    drawTime(tile, seat);
  }

  function labelOf(seat) {
    const state = t(`state.${seat.state}`);
    if (seat.state !== "away" || !seat.reason) return state;
    return t("floor.state_reason", { state, reason: awayText(t, seat.reason) });
  }

  function figuresOf(seat) {
    const statuses = server.state.campaigns[seat.campaign_id]?.statuses ?? [];
    const figure = (label, value, name = null) =>
      el("span", {}, `${label} `, el("b", { "data-part": name }, value));
    const average = seat.wrap_avg_s === null || seat.wrap_avg_s === undefined ? [] :
      [figure(t("floor.wrap_average"), f.duration(seat.wrap_avg_s))];
    const bars = IN_TALK.has(seat.state) ? seat.quality?.bars ?? 0 : 0;
    const line = figure(t("floor.line"), t("floor.line_bars", { n: bars }), "line");
    line.title = t("floor.line_title");
    return [
      ...(bars ? [line] : []),
      figure(t("metric.calls"), f.count(seat.calls)),
      ...statuses.map(({ code, label }) => figure(label, f.count(seat.codes[code] ?? 0))),
      figure(t("metric.promises"), f.count(seat.promises)),
      figure(t("metric.idle"), "", "idle"),
      ...average,
    ];
  }

  function drawTime(tile, seat) {
    const seconds = clock.secondsSince(seat.since);
    setText(part(tile, "time"), timer(seconds));
    setText(part(tile, "idle"), f.duration(liveMetrics(seat, seat, clock.now()).idle_s));
    const badges = [];
    const urgent = urgency(seat.state, seconds);
    if (urgent) badges.push({ ...urgent, text: t("floor.over", { n: urgent.limitS / 60 }) });
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
      badges.push({ level: "ordered", text: t("floor.order_waiting") });
    }
    if (seat.queued_away) badges.push({ level: "queued", text: t("floor.away_queued") });
    reconcile(part(tile, "badges"), badges, {
      keyOf: (badge) => badge.level,
      create: ({ level }) => el("span", { class: "badge", "data-level": level },
        icon(BADGE_ICONS[level] ?? "warning"), el("span")),
      update: (badge, { text }) => setText(badge.lastElementChild, text),
    });
  }

  function drawGroups(seats) {
    const shown = GROUPS.map((group) => ({ ...group, seats: seatsOf(group, seats) }))
      .filter((group) => group.seats.length > 0);
    reconcile(groups, shown, {
      keyOf: ({ id }) => id,
      create: ({ id }) => el("section", { class: "seat-group", "data-group": id },
        el("h3", {}, el("b", {}, t(`floor.group.${id}`)), el("span", { "data-part": "count" })),
        el("div", { class: "seat-tiles", "data-part": "tiles" })),
      update: (section, group) => {
        setText(part(section, "count"), t("floor.seat_count", { n: group.seats.length }));
        reconcile(part(section, "tiles"), group.seats, { keyOf: ({ id }) => id, create, update });
      },
    });
  }

  redraw.draw(() => {
    if (!server.state) return;
    const all = Object.values(server.state.seats);
    drawGroups(filterSeats(all, filter));
    reconcile(part(root, "filter-campaign"), [{ id: "", name: t("floor.all_campaigns") },
      ...Object.values(server.state.campaigns)], {
      keyOf: ({ id }) => id,
      create: ({ id }) => el("option", { value: id }),
      update: (option, { name }) => setText(option, name),
    });
    const empty = groups.children.length === 0;
    part(root, "no-seats").hidden = !empty;
    const why = all.length ? "floor.none_match" : "floor.no_seats";
    setText(part(root, "no-seats"), empty ? t(why) : "");
  });
  redraw.tick(() => {
    if (!server.state) return;
    for (const tile of groups.querySelectorAll(".seat-tile")) {
      const seat = server.state.seats[tile.dataset.seat];
      if (seat) drawTime(tile, seat);
    }
  });
}
