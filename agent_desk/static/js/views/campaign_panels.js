/** One panel per campaign: how it dials, why it does not, and the controls of the lead. */
import { el, icon, part, reconcile, setAttributes, setText } from "./dom.js";
import { buildSteering, drawSteering } from "./steering.js";

const ABANDONED_LIMIT = 0.03; // rule R20
// Reasons that are the ordinary course of things: said, but not as an alarm.
const ORDINARY = new Set([
  "", "enough-lines", "calls-per-second", "no-seat-available", "awaiting-operator",
]);
const COUNTS = ["dialable", "lines", "ringing", "waiting"];
const SEAT_STATES = ["available", "talking", "hold", "wrap_up", "away"];

export function campaignPanels(view) {
  const { root, server, redraw, t, f, maySteer } = view;
  const figure = (name) => el("div", { class: "figure", "data-part": name },
    el("dt", {}, t(`floor.figure.${name}`)), el("dd"));

  function create(campaign) {
    return el("article", {
      class: "panel campaign", "data-testid": "campaign-panel", "data-campaign": campaign.id,
      "aria-label": campaign.name,
    },
    el("div", { class: "campaign-head" },
      el("h3", { "data-part": "name" }),
      el("span", { class: "campaign-kind", "data-part": "kind" }),
      el("span", { class: "running", "data-part": "running", "data-testid": "campaign-running" })),
    el("p", { class: "why", "data-part": "why", "data-testid": "why-not-dialing" },
      icon("info"), el("span", { "data-part": "why-text" })),
    el("dl", { class: "figures" }, ...[...COUNTS, ...SEAT_STATES, "abandoned"].map(figure)),
    maySteer ? buildSteering(campaign.id, view) : null);
  }

  function kindText({ kind, mode, ratio }) {
    return t(mode === "ratio" ? "floor.kind_ratio" : "floor.kind_mode", {
      kind: t(`kind.${kind}`), mode: t(`mode.${mode}`), ratio: ratio.toFixed(1),
    });
  }

  function drawWhy(panel, campaign) {
    const { code, params } = campaign.why;
    const blocked = !ORDINARY.has(code);
    const text = t(`why.${code || "nothing"}`, params);
    const until = blocked && campaign.next_allowed_at;
    const then = until ? ` ${t("floor.next_allowed", { time: f.dayAndTime(until) })}` : "";
    setAttributes(part(panel, "why"), { "data-code": code, "data-blocked": String(blocked) });
    setText(part(panel, "why-text"), text + then);
  }

  function drawFigures(panel, campaign) {
    const set = (name, text) => setText(part(panel, name).querySelector("dd"), text);
    for (const name of COUNTS) set(name, f.count(campaign[name] ?? 0));
    for (const state of SEAT_STATES) set(state, f.count(campaign.seats[state] ?? 0));
    const abandoned = campaign.abandoned_24h ?? 0;
    const rate = campaign.live_24h ? abandoned / campaign.live_24h : 0;
    const percent = (rate * 100).toFixed(1);
    set("abandoned", t("floor.abandoned", { n: f.count(abandoned), percent }));
    setAttributes(part(panel, "abandoned"), { "data-alarm": String(rate > ABANDONED_LIMIT) });
  }

  function update(panel, campaign) {
    setText(part(panel, "name"), campaign.name);
    setText(part(panel, "kind"), kindText(campaign));
    setAttributes(part(panel, "running"), { "data-running": campaign.running });
    setText(part(panel, "running"), t(`running.${campaign.running}`));
    drawWhy(panel, campaign);
    drawFigures(panel, campaign);
    if (maySteer) drawSteering(part(panel, "steering"), campaign, view);
  }

  redraw.draw(() => {
    if (!server.state) return;
    const campaigns = Object.values(server.state.campaigns).sort((a, b) => a.id - b.id);
    reconcile(part(root, "campaigns"), campaigns, { keyOf: ({ id }) => id, create, update });
  });
}
