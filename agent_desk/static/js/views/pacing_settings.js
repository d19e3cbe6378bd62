/** How a campaign dials: mode, ratio, abandonment target, screening. Sent when applied. */
import { el, icon, part, setText } from "./dom.js";
import { isBlocked, setBlocked } from "./stopping.js";

const MODES = ["preview", "progressive", "ratio", "predictive"];
const SCREENINGS = ["off", "watch", "strict"];
const percent = (share) => (share * 100).toFixed(1);

/** The form, closed at first. What a lead has begun to change is not overwritten. */
export function buildSettings(campaignId, campaignNow, place, { t, doing, redraw }) {
  const id = (name) => `${name}-${campaignId}`;
  const field = (name, control) => el("div", { class: "field", "data-part": `${name}-field` },
    el("label", { for: id(name), "data-part": `${name}-label` }, t(`floor.${name}`)), control);
  const select = (name, values, family) => el("select", {
    id: id(name), "data-part": name, "data-testid": `campaign-${name}`,
  }, ...values.map((value) => el("option", { value }, t(`${family}.${value}`))));
  const number = (name, limits) => el("input", {
    id: id(name), type: "number", required: "", "data-part": name, inputmode: "decimal",
    "data-testid": `campaign-${name}`, ...limits,
  });
  const form = el("form", {
    class: "settings", id: id("settings"), hidden: "", "data-part": "settings",
    "aria-label": t("floor.settings"),
  },
  field("mode", select("mode", MODES, "mode")),
  field("ratio", number("ratio", { min: "1", max: "5", step: "0.1" })),
  field("target", number("target", { min: "0", max: "3", step: "0.1" })),
  field("screening", select("screening", SCREENINGS, "screening")),
  el("div", { class: "settings-do" },
    el("button", {
      type: "submit", class: "button button-small button-primary", "data-part": "apply",
      "data-testid": "apply-pacing",
    }, icon("check"), el("span", {}, t("floor.apply"))),
    el("button", {
      type: "button", class: "button button-small", "data-part": "revert",
    }, icon("undo"), el("span", {}, t("floor.revert")))));

  const edited = () => {
    form.dataset.edited = "true";
    redraw.soon();
  };
  const untouched = () => {
    delete form.dataset.edited;
    redraw.soon();
  };
  form.addEventListener("input", edited);
  form.addEventListener("change", edited);
  part(form, "revert").addEventListener("click", () => {
    if (!isBlocked(part(form, "revert"))) untouched();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (isBlocked(part(form, "apply"))) return;
    const changes = changed(form, campaignNow());
    if (await doing.run(place, t("floor.apply"), changes)) untouched();
  });
  return form;
}

/** The commands that bring a campaign to what the form says; none for what it says already. */
function changed(form, campaign) {
  const known = { campaign_id: campaign.id };
  const [mode, ratio] = [part(form, "mode").value, Number(part(form, "ratio").value)];
  const target = part(form, "target").value;
  const screening = part(form, "screening").value;
  const commands = [];
  // The target first: what dials ahead then does so within it from its first line on.
  if (Number(target).toFixed(1) !== percent(campaign.budget.target)) {
    commands.push(["set_abandon_target", { ...known, target: Number((target / 100).toFixed(4)) }]);
  }
  if (mode !== campaign.mode || ratio !== campaign.ratio) {
    commands.push(["set_pacing", { ...known, mode, ratio }]);
  }
  if (screening !== campaign.screening) {
    commands.push(["set_screening", { ...known, screening }]);
  }
  return commands;
}

/** Draw the form as the campaign is now. */
export function drawSettings(form, campaign, place, { t, doing, unlinked }) {
  const edited = form.dataset.edited === "true";
  if (!edited) {
    part(form, "mode").value = campaign.mode;
    part(form, "ratio").value = campaign.ratio.toFixed(1);
    part(form, "target").value = percent(campaign.budget.target);
    part(form, "screening").value = campaign.screening;
  }
  const mode = part(form, "mode").value;
  const capped = mode === "predictive";
  part(form, "ratio-field").hidden = !capped && mode !== "ratio";
  setText(part(form, "ratio-label"), t(capped ? "floor.ratio_cap" : "floor.ratio"));
  const busy = doing.under(place) && t("floor.under_way", { what: doing.under(place) });
  const idle = edited ? null : t("floor.nothing_changed");
  setBlocked(part(form, "apply"), busy ?? unlinked ?? idle);
  setBlocked(part(form, "revert"), busy ?? idle);
}
