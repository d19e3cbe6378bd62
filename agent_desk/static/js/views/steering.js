/** The lead's controls of one campaign: mode and ratio, and starting, pausing, stopping it. */
import { el, part, reconcile } from "./dom.js";

const MODES = ["preview", "progressive", "ratio"];
const STEPS = {
  running: ["paused", "draining", "stopped"],
  paused: ["running", "stopped"],
  draining: ["running", "stopped"],
  stopped: ["running"],
};
const LOOKS = { running: "button-go", stopped: "button-danger" };

/** Build the controls of a campaign. What a lead has begun to change is not overwritten. */
export function buildSteering(campaignId, { t, act, redraw }) {
  const modeId = `mode-${campaignId}`;
  const ratioId = `ratio-${campaignId}`;
  const mode = el("select", { id: modeId, "data-part": "mode", "data-testid": "campaign-mode" },
    ...MODES.map((name) => el("option", { value: name }, t(`mode.${name}`))));
  const ratio = el("input", {
    id: ratioId, type: "number", min: "1", max: "5", step: "0.1",
    "data-part": "ratio", "data-testid": "campaign-ratio",
  });
  const form = el("form", { class: "steering", "data-part": "steering" },
    el("label", { for: modeId }, t("floor.mode")), mode,
    el("label", { for: ratioId, "data-part": "ratio-label" }, t("floor.ratio")), ratio,
    el("button", {
      type: "submit", class: "button button-small", "data-part": "apply",
      "data-testid": "apply-pacing",
    }, t("floor.apply")),
    el("span", { class: "steps", "data-part": "steps" }));

  const edited = () => {
    form.dataset.edited = "true";
    redraw.soon();
  };
  mode.addEventListener("change", edited);
  ratio.addEventListener("input", edited);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await act.ask("set_pacing", {
      campaign_id: campaignId, mode: mode.value, ratio: Number(ratio.value),
    });
    delete form.dataset.edited;
    redraw.soon();
  });
  part(form, "steps").addEventListener("click", (event) => {
    const running = event.target.closest("button[data-key]")?.dataset.key;
    if (running) act.ask("set_campaign_running", { campaign_id: campaignId, running });
  });
  return form;
}

/** Draw the controls as the campaign is now. */
export function drawSteering(form, campaign, { t }) {
  if (form.dataset.edited !== "true") {
    part(form, "mode").value = campaign.mode;
    part(form, "ratio").value = campaign.ratio.toFixed(1);
  }
  const byRatio = part(form, "mode").value === "ratio";
  part(form, "ratio").hidden = !byRatio;
  part(form, "ratio-label").hidden = !byRatio;
  part(form, "apply").hidden = form.dataset.edited !== "true";
  const steps = (STEPS[campaign.running] ?? []).map((running) => ({ running }));
  reconcile(part(form, "steps"), steps, {
    keyOf: ({ running }) => running,
    create: ({ running }) => el("button", {
      type: "button", class: `button button-small ${LOOKS[running] ?? ""}`,
      "data-testid": `set-${running}`,
    }, t(`floor.set.${running}`)),
    update: () => {},
  });
}
