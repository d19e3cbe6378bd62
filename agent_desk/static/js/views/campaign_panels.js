/** One panel per campaign: how it dials, why it does not, what is left, and the lead's controls. */
import { answerRate, isQuiet, linesPer, spending } from "../core/campaign_figures.js";
import { nextMove } from "../core/campaign_next.js";
import { businessDate } from "../core/format.js";
import { answeredQueue } from "./answered_queue.js";
import { buildBudget, drawBudget } from "./budget_meters.js";
import { campaignChanges } from "./campaign_changes.js";
import { campaignLists } from "./campaign_lists.js";
import { el, icon, part, reconcile, setAttributes, setIcon, setText } from "./dom.js";
import { pacingChart } from "./pacing_chart.js";
import { buildSteering, drawSteering } from "./steering.js";

// Reasons that are the ordinary course of things: said, but not as an alarm.
const ORDINARY = new Set([
  "", "enough-lines", "calls-per-second", "no-seat-available", "awaiting-operator", "few-seats",
  "abandon-budget", "others-lines", "others-care",
]);
const PASSING = new Set(["outside-hours", "no-dialable"]); // time alone will lift these
const OF_BUDGET = new Set(["abandon-budget", "budget-spent"]);
const ROWS = {
  dialing: ["lines", "ringing", "waiting", "per_idle", "per_expected"],
  seats: ["available", "talking", "hold", "wrap_up", "away"],
  answers: ["answered_now", "answered_quarter", "answered_hour", "answered_today"],
  list: ["dialable", "next_due", "ring_limit", "screening"],
};
const WINDOWS = ["now", "quarter", "hour", "today"]; // of the answer rate
const ICONS = { running: "play", paused: "hold", draining: "skip", stopped: "stop" };
const NOTHING = Object.freeze({});
const MOST_COUNTED = 10_000; // the desk stops counting there
const percent = (share) => (share * 100).toFixed(1);

export function campaignPanels(view) {
  const { root, server, local, clock, doing, redraw, t, f, maySteer } = view;
  const parts = new WeakMap(); // of a panel: what it is built of, and what it was drawn from
  let asked = 0; // how often what is asked of the desk has changed
  const figure = (name) => el("div", { class: "figure", "data-part": name,
    title: t.has(`floor.formula.${name}`) ? t(`floor.formula.${name}`) : null },
  el("dt", {}, t(`floor.figure.${name}`)), el("dd"));
  const figures = (name) => el("dl", {
    class: "figures", "data-row": name, "aria-label": t(`floor.row.${name}`),
  }, ...ROWS[name].map(figure));

  function create(campaign) {
    const panel = el("article", {
      class: "panel campaign", "data-testid": "campaign-panel", "data-campaign": campaign.id,
      "aria-label": campaign.name,
    },
    el("div", { class: "campaign-head" },
      el("div", {}, el("h3", { "data-part": "name" }),
        el("p", { class: "campaign-kind", "data-part": "kind" })),
      el("div", { class: "campaign-state" },
        el("span", { class: "running", "data-part": "running", "data-testid": "campaign-running" },
          icon("stop"), el("span", { "data-part": "running-text" })),
        el("p", { class: "running-by", "data-part": "running-by", "data-testid": "running-by" }))),
    el("p", { class: "why", "data-part": "why", "data-testid": "why-not-dialing" },
      icon("info"), el("span", { "data-part": "why-text" })),
    el("p", { class: "next-move", "data-part": "next", "data-testid": "next-move" },
      el("b", {}, t("floor.next.title")), el("span", { "data-part": "next-text" })));
    const own = {
      queue: answeredQueue(view),
      chart: pacingChart(campaign.id, view),
      lists: campaignLists(view),
      changes: campaignChanges(view),
      steering: maySteer ? buildSteering(campaign.id, () => now(campaign), view) : null,
    };
    panel.append(own.queue.element,
      el("div", { class: "campaign-body" },
        el("div", { class: "campaign-figures" },
          el("div", { class: "figure-rows" }, ...Object.keys(ROWS).map(figures)), buildBudget(t)),
        own.chart.element),
      own.lists.element, own.changes.element);
    if (own.steering) panel.append(own.steering.element);
    parts.set(panel, { own, drawn: [] });
    // What a lead has begun to set is drawn though nothing of the campaign changed.
    for (const kind of ["input", "change", "click"]) {
      panel.addEventListener(kind, () => { parts.get(panel).drawn = []; });
    }
    return panel;
  }

  const now = (campaign) => server.state?.campaigns[campaign.id] ?? campaign;
  const table = (name, { id }) => server.state[name]?.[id] ?? NOTHING;

  function kindText({ kind, mode, ratio, shared_with: others }) {
    const id = { ratio: "floor.kind_ratio", predictive: "floor.kind_capped" }[mode];
    const told = t(id ?? "floor.kind_mode", {
      kind: t(`kind.${kind}`), mode: t(`mode.${mode}`), ratio: ratio.toFixed(1),
    });
    return others.length ? `${told} ${t("floor.shared", { names: others.join("・") })}` : told;
  }

  function byText({ running_by: name, running_at: at }) {
    if (!name || !at) return "";
    const today = clock.known && businessDate(Date.parse(at)) === businessDate(clock.now());
    const who = name === "schedule" ? t("floor.schedule") : name;
    return t("floor.running_by", { name: who, time: today ? f.time(at) : f.dayAndTime(at) });
  }

  function whyText(campaign) {
    const { why, next_allowed_at: until, budget: { target, day } } = campaign;
    if (why.code === "campaign-draining" && isQuiet(campaign)) return t("floor.drained");
    const text = t(`why.${why.code || "nothing"}`, why.params);
    if (OF_BUDGET.has(why.code)) {
      const { rate } = spending(day, target);
      const told = { rate: percent(rate ?? 0), target: percent(target),
        n: f.count(day.left_target) };
      return `${text} ${t("floor.budget.why", told)}`;
    }
    if (!PASSING.has(why.code) || !until) return text;
    return `${text} ${t("floor.next_allowed", { time: f.dayAndTime(until) })}`;
  }

  function drawWhy(panel, campaign) {
    const { code } = campaign.why;
    const blocked = String(!ORDINARY.has(code));
    setAttributes(part(panel, "why"), { "data-code": code, "data-blocked": blocked });
    setIcon(part(panel, "why").querySelector("svg"), blocked === "true" ? "warning" : "info");
    setText(part(panel, "why-text"), whyText(campaign));
  }

  function drawNext(panel, campaign) {
    const move = nextMove(campaign);
    part(panel, "next").hidden = move === null;
    setText(part(panel, "next-text"), move ? t(`floor.next.${move.code}`, move.params) : "");
  }

  function answeredText(counts) {
    const rate = answerRate(counts);
    return rate === null ? t("floor.none_yet") : t("floor.answered", {
      percent: percent(rate), live: f.count(counts.live), attempts: f.count(counts.attempts),
    });
  }

  function nextDueText({ dialable, next_due_at: at }) {
    if (dialable > 0) return t("floor.due_now");
    return at ? f.dayAndTime(at) : t("floor.none_yet");
  }

  function drawFigures(panel, campaign) {
    const set = (name, text) => setText(part(panel, name).querySelector("dd"), text);
    const { pacing, dialable, answered } = campaign;
    const per = (seats) => (pacing === null || seats === null ? t("floor.none_yet")
      : linesPer(pacing.lines, seats).toFixed(1));
    for (const name of ["lines", "ringing", "waiting"]) set(name, f.count(campaign[name]));
    for (const state of ROWS.seats) set(state, f.count(campaign.seats[state] ?? 0));
    set("per_idle", per(pacing?.idle ?? null));
    set("per_expected", per(pacing?.expected_free ?? null));
    set("dialable", dialable < MOST_COUNTED ? f.count(dialable)
      : t("floor.at_least", { n: f.count(MOST_COUNTED) }));
    set("next_due", nextDueText(campaign));
    for (const name of WINDOWS) set(`answered_${name}`, answeredText(answered[name]));
    set("ring_limit", t("format.seconds", { s: campaign.ring_limit_s }));
    set("screening", t(`screening.${campaign.screening}`));
    drawBudget(part(panel, "budget"), campaign, view);
  }

  /** Draw a panel if anything it shows is another thing than when it was drawn. */
  function update(panel, campaign) {
    const { own } = parts.get(panel);
    own.chart.note(table("pacing", campaign));
    const shown = [campaign, table("lists", campaign), table("changes", campaign),
      local.state.link, asked, part(panel, "settings")?.dataset.edited,
      clock.known && businessDate(clock.now())];
    const { drawn } = parts.get(panel);
    if (shown.every((value, index) => value === drawn[index])) return;
    parts.get(panel).drawn = shown;
    drawAll(panel, campaign, own);
  }

  function drawAll(panel, campaign, own) {
    setText(part(panel, "name"), campaign.name);
    setText(part(panel, "kind"), kindText(campaign));
    setAttributes(panel, { "data-running": campaign.running });
    setAttributes(part(panel, "running"), { "data-running": campaign.running });
    setIcon(part(panel, "running").querySelector("svg"), ICONS[campaign.running]);
    setText(part(panel, "running-text"), t(`running.${campaign.running}`));
    setText(part(panel, "running-by"), byText(campaign));
    drawWhy(panel, campaign);
    drawNext(panel, campaign);
    drawFigures(panel, campaign);
    own.queue.draw(campaign);
    own.lists.draw(table("lists", campaign).rows ?? []);
    own.changes.draw(table("changes", campaign).rows ?? []);
    if (own.steering) drawSteering(own.steering, campaign, view);
  }

  doing.addEventListener("change", () => {
    asked += 1;
    redraw.soon();
  });
  redraw.tick(() => {
    for (const panel of part(root, "campaigns").children) parts.get(panel)?.own.chart.draw();
  });
  redraw.draw(() => {
    const none = part(root, "no-campaigns");
    if (!server.state) return;
    const campaigns = Object.values(server.state.campaigns).sort((a, b) => a.id - b.id);
    reconcile(part(root, "campaigns"), campaigns, { keyOf: ({ id }) => id, create, update });
    none.hidden = campaigns.length > 0;
    setText(none, t(view.foundsCampaigns ? "floor.no_campaigns_yet" : "floor.no_campaigns"));
  });
}
