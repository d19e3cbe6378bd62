/** The abandonment budget of a campaign: how much of it is used, and how much is left. */
import { HARD_LIMIT, spending } from "../core/campaign_figures.js";
import { el, icon, part, setAttributes, setText } from "./dom.js";

const WINDOWS = { day: "24h", month: "30d" };
const percent = (share) => (share * 100).toFixed(1);
const ofScale = (share) => `${Math.min(1, share / HARD_LIMIT) * 100}%`;

export function buildBudget(t) {
  return el("div", { class: "budget", "data-part": "budget", "data-testid": "budget" },
    ...Object.entries(WINDOWS).map(([name, hours]) => el("div", {
      class: "budget-window", "data-part": name, title: t("floor.formula.budget"),
    },
    el("div", { class: "budget-head" },
      el("span", { class: "budget-name" }, t(`floor.budget.${hours}`)),
      el("b", { "data-part": "rate" }),
      el("span", { class: "budget-verdict", "data-part": "verdict" }),
      el("span", { class: "budget-target", "data-part": "target" })),
    el("div", { class: "meter", "data-part": "meter", "aria-hidden": "true" },
      el("span", { class: "meter-fill" }), el("span", { class: "meter-target" })),
    el("p", { class: "budget-left" }, icon("warning"), el("span", { "data-part": "left" })))));
}

/** @param {{budget: object}} campaign `budget` as the desk counts it: target, day, month */
export function drawBudget(root, campaign, { t, f }) {
  const { target } = campaign.budget;
  for (const name of Object.keys(WINDOWS)) {
    const counts = campaign.budget[name];
    const { rate, level } = spending(counts, target);
    const box = part(root, name);
    setAttributes(box, { "data-level": level });
    setText(part(box, "rate"), rate === null ? t("floor.none_yet")
      : t("format.percent", { percent: percent(rate) }));
    setText(part(box, "verdict"), level === "none" ? "" : t(`floor.budget.verdict.${level}`));
    setText(part(box, "target"), t("floor.budget.target", { percent: percent(target),
      abandoned: f.count(counts.abandoned), live: f.count(counts.live) }));
    setText(part(box, "left"), leftText(t, f, { name, level, counts }));
    const meter = part(box, "meter").style;
    meter.setProperty("--fill", ofScale(rate ?? 0));
    meter.setProperty("--target", ofScale(target));
  }
}

function leftText(t, f, { name, level, counts }) {
  if (level === "none") return t("floor.budget.none");
  if (level === "spent") return t(`floor.budget.spent_${name}`);
  const { left_target: left, served_until_target: until } = counts;
  if (level === "over") return t("floor.budget.over", { n: f.count(until) });
  return left === 0 ? t("floor.budget.none_left") : t("floor.budget.left", { n: f.count(left) });
}
