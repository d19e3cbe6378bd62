/** The lead's controls of one campaign: starting, pausing and stopping it, and how it dials. */
import { atStake } from "../core/campaign_figures.js";
import { el, icon, part, reconcile, setAttributes, setText } from "./dom.js";
import { buildSettings, drawSettings } from "./pacing_settings.js";
import { inFlight, isBlocked, setBlocked, stopChoices } from "./stopping.js";
import { twoStep } from "./two_step.js";

const STEPS = {
  running: ["paused", "draining", "stopped"],
  paused: ["running", "stopped"],
  draining: ["running", "stopped"],
  stopped: ["running"],
};
const LOOKS = { running: "button-go", stopped: "button-danger" };
const ICONS = { running: "play", paused: "hold", draining: "skip", stopped: "stop" };
const places = (id) => ({ run: `run:${id}`, stop: `stop:${id}`, settings: `settings:${id}` });

/** Build the controls; `campaignNow` gives the campaign as it is when something is pressed. */
export function buildSteering(campaignId, campaignNow, view) {
  const { t, doing } = view;
  const place = places(campaignId);
  const set = (where, running, more = {}) => doing.run(where, t(`floor.set.${running}`),
    [["set_campaign_running", { campaign_id: campaignId, running, ...more }]]);
  const choice = twoStep({
    t, label: campaignNow().name,
    onChoice: (chosen) => (chosen === "confirm-running" ? set(place.run, "running")
      : set(place.stop, "stopped", { in_flight: inFlight(chosen) })),
  });
  const settings = buildSettings(campaignId, campaignNow, place.settings, view);
  const toggle = el("button", {
    type: "button", class: "button button-small", "aria-expanded": "false",
    "aria-controls": settings.id, "data-part": "settings-toggle", "data-testid": "settings-toggle",
  }, icon("settings"), el("span", {}, t("floor.settings")));
  toggle.addEventListener("click", () => {
    settings.hidden = !settings.hidden;
    setAttributes(toggle, { "aria-expanded": !settings.hidden });
  });
  const steps = el("span", { class: "steps", "data-part": "steps", role: "group",
    "aria-label": t("floor.steps") });
  steps.addEventListener("click", (event) => press(event.target.closest("button[data-key]")));

  function press(button) {
    if (!button || isBlocked(button)) return undefined;
    const campaign = campaignNow();
    const running = button.dataset.key;
    if (choice.isOpen) choice.close({ focus: false });
    if (running === "stopped") {
      const stake = atStake([campaign]);
      return choice.open(stopQuestion(t, stake), stopChoices(t, stake), button);
    }
    if (campaign.running === "stopped") {
      return choice.open(t("floor.resume.ask", { name: campaign.name }), [
        { choice: "confirm-running", text: t("floor.resume.yes"), look: "button-go", icon: "play" },
      ], button, "go");
    }
    return set(place.run, running);
  }

  const element = el("div", { class: "steering", "data-part": "steering" },
    el("div", { class: "steering-row" }, toggle,
      el("p", { class: "steering-note", role: "status", "data-part": "note",
        "data-testid": "steering-note" }, icon("info"), el("span", { "data-part": "note-text" })),
      steps),
    choice.element, settings);
  return { element, choice };
}

const stopQuestion = (t, stake) =>
  t(stake.ringing + stake.waiting ? "floor.stop.ask" : "floor.stop.ask_nobody", stake);

/** Draw the controls as the campaign is now. */
export function drawSteering({ element, choice }, campaign, view) {
  const { t, doing, local } = view;
  const place = places(campaign.id);
  const unlinked = local.state.link === "up" ? null : t("floor.not_linked");
  const doneHere = (where) => doing.under(where)
    && t("floor.under_way", { what: doing.under(where) });
  const stopping = doneHere(place.stop);
  const moving = stopping ?? doneHere(place.run);
  const steps = (STEPS[campaign.running] ?? []).map((running) => ({ running }));
  reconcile(part(element, "steps"), steps, {
    keyOf: ({ running }) => running,
    create: ({ running }) => el("button", {
      type: "button", class: `button button-small ${LOOKS[running] ?? ""}`,
      "data-testid": `set-${running}`,
    }, icon(ICONS[running]), t(`floor.set.${running}`)),
    // A stop is never held up by anything but itself, not even by a lost link.
    update: (button, { running }) =>
      setBlocked(button, running === "stopped" ? stopping : moving ?? unlinked),
  });
  // Somebody else may have changed it meanwhile: what is open must not turn into its opposite.
  const wanted = campaign.running === "stopped" ? "go" : "stop";
  if (moving || choice.tone !== wanted || (wanted === "go" && unlinked)) choice.close();
  const stake = atStake([campaign]);
  if (wanted === "stop") choice.ask(stopQuestion(t, stake), stopChoices(t, stake));
  drawSettings(part(element, "settings"), campaign, place.settings, { ...view, unlinked });
  const busy = moving ?? doneHere(place.settings);
  drawNote(element, place, { ...view, busy, stopping, unlinked });
}

function drawNote(element, place, { t, doing, busy, stopping, unlinked }) {
  const refusals = [place.stop, place.run, place.settings].map((where) => doing.refused(where));
  const refused = refusals.find((text) => text !== null) ?? null;
  const waits = stopping && unlinked ? t("floor.stop_waits") : null;
  const text = waits ?? busy ?? refused ?? unlinked ?? "";
  const note = part(element, "note");
  setText(part(note, "note-text"), text);
  setAttributes(note, { "data-level": text === refused && refused ? "problem" : "info" });
  note.hidden = text === "";
}
