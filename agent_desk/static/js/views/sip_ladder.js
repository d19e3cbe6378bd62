/** A call's SIP messages drawn as a sequence diagram, each message opened by its own line. */
import { elapsed, ladderOf } from "../core/ladder.js";
import { el } from "./dom.js";

const SVG = "http://www.w3.org/2000/svg";
const RAIL_PX = 260;
const EDGE_PX = 22;
const HEIGHT_PX = 26;

/**
 * @param {{at: string, sent: boolean, peer: string, text: string}[]} messages
 * @returns {Element} an ordered list below what it is a list of
 */
export function sipLadder(messages, { t, f }) {
  if (messages.length === 0) return el("p", { class: "ladder-note" }, t("calls.ladder_empty"));
  const { rails, steps } = ladderOf(messages);
  const width = 2 * EDGE_PX + RAIL_PX * Math.max(1, rails.length);
  return el("div", { class: "ladder", "data-testid": "ladder" },
    el("p", { class: "ladder-note" },
      t("calls.ladder_head", { time: f.exactTime(messages[0].at), n: messages.length })),
    el("div", { class: "ladder-rails", "data-rails": rails.length },
      el("span", {}, t("calls.gateway")), ...rails.map((peer) => el("span", {}, peer))),
    el("ol", { class: "ladder-steps" }, ...steps.map((step) => stepOf(step, rails, width, t))));
}

function stepOf(step, rails, width, t) {
  const peer = rails[step.rail - 1];
  const said = t(step.sent ? "calls.sent_to" : "calls.received_from", { title: step.title, peer });
  return el("li", { "data-tone": step.tone },
    el("details", {},
      el("summary", {},
        el("span", { class: "visually-hidden" }, `${elapsed(step.afterMs)} ${said}`),
        el("span", { class: "ladder-time", "aria-hidden": "true" }, elapsed(step.afterMs)),
        el("span", { class: "ladder-lane", "aria-hidden": "true" },
          arrow(step, rails.length, width),
          el("span", { class: "ladder-title" }, step.title,
            step.audio ? el("small", {}, "SDP") : null))),
      el("pre", { class: "ladder-text" }, step.text)));
}

function arrow(step, rails, width) {
  const middle = HEIGHT_PX - 7;
  const from = EDGE_PX;
  const to = EDGE_PX + RAIL_PX * step.rail;
  const tip = step.sent ? to : from;
  const back = step.sent ? -7 : 7;
  const svg = shape("svg", {
    viewBox: `0 0 ${width} ${HEIGHT_PX}`, width, height: HEIGHT_PX, class: "ladder-drawing",
  });
  for (let rail = 0; rail <= Math.max(1, rails); rail += 1) {
    const x = EDGE_PX + RAIL_PX * rail;
    svg.append(shape("line", { x1: x, x2: x, y1: 0, y2: HEIGHT_PX, class: "ladder-rail" }));
  }
  svg.append(
    shape("line", { x1: from, x2: to, y1: middle, y2: middle, class: "ladder-arrow" }),
    shape("path", {
      d: `M ${tip} ${middle} l ${back} -4 v 8 z`, class: "ladder-tip",
    }));
  return svg;
}

function shape(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}
