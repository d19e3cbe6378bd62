/** `/reports/what-if`: the figures follow the sliders; the desk is not asked again. */
import { whatIf } from "./core/what_if.js";
import { part } from "./views/dom.js";

const panel = document.getElementById("what-if");
const NONE = "–";

/** A figure with one decimal, as the desk writes it. */
function number(value, digits = 1) {
  if (value === null) return NONE;
  return value.toLocaleString("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

function show(name, text) {
  const found = part(panel, name);
  (found.querySelector("b") ?? found).textContent = text;
}

function signed(value) {
  return value > 0 ? `+${value}` : `${value}`.replace("-", "−");
}

function follow() {
  const form = panel.querySelector("form");
  const callsPercent = Number(form.elements.calls_percent.value);
  const ratePoints = Number(form.elements.rate_points.value);
  const calls = Number(panel.dataset.calls);
  const found = whatIf({ calls, hits: Number(panel.dataset.hits), callsPercent, ratePoints });
  show("calls-percent", `${signed(callsPercent)} %`);
  show("rate-points", `${signed(ratePoints)} ${panel.dataset.points}`);
  show("tried-calls", number(found.triedCalls));
  show("more-calls", number(found.triedCalls - calls));
  show("tried-rate", found.triedRate === null ? NONE : `${number(found.triedRate * 100, 2)} %`);
  const more = found.rate === null ? null : (found.triedRate - found.rate) * 100;
  show("more-rate", more === null ? NONE : `${number(more, 2)} ${panel.dataset.points}`);
  show("tried-hits", number(found.triedHits));
  show("more", number(found.more));
  show("by-calls", number(found.byCalls));
  show("by-rate", number(found.byRate));
}

// No period that can be worked out: nothing to slide.
if (panel) panel.addEventListener("input", follow);
