/** One panel per campaign: how it dials, why it does not, and the controls of the lead. */
import { el, icon, part, reconcile, setAttributes, setText } from "./dom.js";

const MODES = ["preview", "progressive", "ratio"];
const ABANDONED_LIMIT = 0.03;
const STEPS = {
  running: ["paused", "draining", "stopped"],
  paused: ["running", "stopped"],
  draining: ["running", "stopped"],
  stopped: ["running"],
};
// Reasons that are the ordinary course of things: said, but not as an alarm.
const ORDINARY = new Set(["", "enough-lines", "calls-per-second", "no-seat-available",
  "awaiting-operator"]);
const SEAT_STATES = ["available", "talking", "hold", "wrap_up", "away"];

export function campaignPanels({ root, server, redraw, t, f, act, maySteer }) {
  const figure = (name) => el("div", { class: "figure", "data-part": name },
    el("dt", {}, t(`floor.figure.${name}`)), el("dd"));

  function create(campaign) {
    const panel = el("article", {
      class: "panel campaign", "data-testid": "campaign-panel", "data-campaign": campaign.id,
      "aria-label": campaign.name,
    },
    el("div", { class: "campaign-head" }, el("h3", { "data-part": "name" }),
      el("span", { class: "campaign-kind", "data-part": "kind" }),
      el("span", { class: "running", "data-part": "running", "data-testid": "campaign-running" })),
    el("p", { class: "why", "data-part": "why", "data-testid": "why-not-dialing" },
      icon("info"), el("span", { "data-part": "why-text" })),
    el("dl", { class: "figures" }, ...["dialable", "lines", "ringing", "waiting"].map(figure),
      ...SEAT_STATES.map((state) => figure(state)), figure("abandoned")),
    ...(maySteer ? [steering(campaign)] : []));
    return panel;
  }

  function steering({ id }) {
    const mode = el("select", { id: `mode-${id}`, "data-part": "mode", "data-testid": "campaign-mode" },
      ...MODES.map((name) => el("option", { value: name }, t(`mode.${name}`))));
    const ratio = el("input", { id: `ratio-${id}`, type: "number", min: "1", max: "5", step: "0.1",
      "data-part": "ratio", "data-testid": "campaign-ratio" });
    const apply = el("button", { type: "submit", class: "button button-small", "data-part": "apply",
      "data-testid": "apply-pacing" }, t("floor.apply"));
    const form = el("form", { class: "steering", "data-part": "steering" },
      el("label", { for: `mode-${id}` }, t("floor.mode")), mode,
      el("label", { for: `ratio-${id}`, "data-part": "ratio-label" }, t("floor.ratio")), ratio, apply,
      el("span", { class: "spacer" }), el("span", { "data-part": "steps" }));
    const edited = () => { form.dataset.edited = "true"; redraw.soon(); };
    mode.addEventListener("change", edited);
    ratio.addEventListener("input", edited);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      await act.ask("set_pacing", { campaign_id: id, mode: mode.value, ratio: Number(ratio.value) });
      delete form.dataset.edited;
      redraw.soon();
    });
    part(form, "steps").addEventListener("click", (event) => {
      const running = event.target.closest("button[data-key]")?.dataset.key;
      if (running) act.ask("set_campaign_running", { campaign_id: id, running });
    });
    return form;
  }

  function drawWhy(panel, campaign) {
    const { code } = campaign.why;
    const until = campaign.next_allowed_at;
    const text = t(`why.${code || "nothing"}`, campaign.why.params);
    setAttributes(part(panel, "why"), { "data-code": code, "data-blocked": String(!ORDINARY.has(code)) });
    setText(part(panel, "why-text"), until && !ORDINARY.has(code)
      ? `${text} ${t("floor.next_allowed", { time: f.dayAndTime(until) })}` : text);
  }

  function drawFigures(panel, campaign) {
    const set = (name, text) => setText(part(panel, name).querySelector("dd"), text);
    for (const name of ["dialable", "lines", "ringing", "waiting"]) set(name, f.count(campaign[name] ?? 0));
    for (const state of SEAT_STATES) set(state, f.count(campaign.seats[state] ?? 0));
    const rate = campaign.live_24h ? campaign.abandoned_24h / campaign.live_24h : 0;
    set("abandoned", t("floor.abandoned", {
      n: f.count(campaign.abandoned_24h ?? 0), percent: (rate * 100).toFixed(1) }));
    setAttributes(part(panel, "abandoned"), { "data-alarm": String(rate > ABANDONED_LIMIT) });
  }

  function drawSteering(panel, campaign) {
    const form = part(panel, "steering");
    if (!form) return;
    if (form.dataset.edited !== "true") {
      part(form, "mode").value = campaign.mode;
      part(form, "ratio").value = campaign.ratio.toFixed(1);
    }
    const byRatio = part(form, "mode").value === "ratio";
    part(form, "ratio").hidden = !byRatio;
    part(form, "ratio-label").hidden = !byRatio;
    part(form, "apply").hidden = form.dataset.edited !== "true";
    reconcile(part(form, "steps"), (STEPS[campaign.running] ?? []).map((id) => ({ id })), {
      keyOf: ({ id }) => id,
      create: ({ id }) => el("button", { type: "button", "data-testid": `set-${id}`,
        class: `button button-small ${id === "running" ? "button-go" : id === "stopped" ? "button-danger" : ""}` },
      t(`floor.set.${id}`)),
      update: () => {},
    });
  }

  redraw.draw(() => {
    if (!server.state) return;
    const campaigns = Object.values(server.state.campaigns).sort((a, b) => a.id - b.id);
    reconcile(part(root, "campaigns"), campaigns, {
      keyOf: ({ id }) => id,
      create,
      update: (panel, campaign) => {
        setText(part(panel, "name"), campaign.name);
        setText(part(panel, "kind"), t("floor.kind_mode", {
          kind: t(`kind.${campaign.kind}`), mode: t(`mode.${campaign.mode}`), ratio: campaign.ratio.toFixed(1) }));
        setAttributes(part(panel, "running"), { "data-running": campaign.running });
        setText(part(panel, "running"), t(`running.${campaign.running}`));
        drawWhy(panel, campaign);
        drawFigures(panel, campaign);
        drawSteering(panel, campaign);
      },
    });
  });
}
