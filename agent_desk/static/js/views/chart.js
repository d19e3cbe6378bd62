/**
 * A chart of values over time: steps or lines that differ by dashes as well as by colour, marks on
 * the time axis, a cursor that reads out what held at an instant by pointer or arrow keys.
 *
 * It is a slider to a screen reader: the arrow keys move it, its value is what it reads out. A
 * table of the same belongs beside it.
 */
import { linePath, stepPath } from "../core/chart_paths.js";
import { thinned } from "../core/chart_sampling.js";
import { linear, ticksTo, timeTicks } from "../core/chart_scales.js";
import { el, setAttributes, setText, svg } from "./dom.js";

const HEIGHT = 126;
const EDGE = { top: 8, right: 8, bottom: 20, left: 34 };
const KEYS = { ArrowLeft: -1, ArrowRight: 1, PageUp: -60, PageDown: 60 };

/**
 * @param {{label: string, series: {name: string, label: string, line?: boolean}[],
 *   mark?: string, readOut: (at: number) => string, timeText: (at: number) => string,
 *   stepMs: number}} options `series` by rank: each has its own dash; `mark`: what marks are called
 * @returns {{element: Element, draw: (shown: object) => void}}
 */
export function timeChart({ label, series, mark, readOut, timeText, stepMs }) {
  const picture = svg("svg", { class: "chart-picture", "aria-hidden": "true" });
  const grid = svg("g", { class: "chart-grid" });
  const paths = new Map(series.map(({ name }, rank) =>
    [name, svg("path", { class: "chart-line", "data-rank": rank })]));
  const marks = svg("path", { class: "chart-marks" });
  const cursor = svg("line", { class: "chart-cursor" });
  picture.append(grid, ...paths.values(), marks, cursor);
  const words = el("p", { class: "chart-words", "data-part": "chart-words" });
  const slider = el("div", { class: "chart", role: "slider", tabindex: "0", "aria-label": label,
    "data-testid": "chart" }, picture);
  const element = el("div", { class: "chart-box" },
    legend(series, mark), slider, words);
  let shown = null;
  let place = null; // the instant the cursor stands at; null: the newest
  let width = 0;

  /** @param {{from: number, to: number, lines: Map<string, [number, number|null][]>,
   *   marks?: number[]}} next epoch milliseconds; what is drawn from now on */
  function draw(next) {
    shown = next;
    width = slider.clientWidth;
    if (width === 0) return;
    const x = linear([next.from, next.to], [EDGE.left, width - EDGE.right]);
    const most = Math.max(0, ...[...next.lines.values()].flat().map(([, y]) => y ?? 0));
    const ticks = ticksTo(most);
    const y = linear([0, ticks.at(-1)], [HEIGHT - EDGE.bottom, EDGE.top]);
    setAttributes(picture, { viewBox: `0 0 ${width} ${HEIGHT}`, width, height: HEIGHT });
    drawGrid(x, y, ticks);
    for (const { name, line } of series) {
      const points = thinned(next.lines.get(name).map(([at, value]) =>
        [x(at), value === null ? null : y(value)]), 2);
      const path = line ? linePath(points) : stepPath(points, x(next.to));
      setAttributes(paths.get(name), { d: path });
    }
    const foot = HEIGHT - EDGE.bottom;
    setAttributes(marks, { d: (next.marks ?? []).map((at) =>
      `M${x(at).toFixed(1)} ${foot - 9}l5 9h-10z`).join("") });
    drawCursor(x);
  }

  function drawGrid(x, y, ticks) {
    const rows = ticks.map((tick) => [
      svg("line", { x1: EDGE.left, x2: width - EDGE.right, y1: y(tick), y2: y(tick) }),
      text({ x: EDGE.left - 6, y: y(tick) + 4, "text-anchor": "end" }, String(tick)),
    ]);
    const about = Math.max(2, Math.floor(width / 90));
    const columns = timeTicks(shown.from, shown.to, about)
      .filter((at) => x(at) > EDGE.left + 12 && x(at) < width - EDGE.right - 12)
      .map((at) => text({ x: x(at), y: HEIGHT - 5, "text-anchor": "middle" }, timeText(at)));
    grid.replaceChildren(...rows.flat(), ...columns);
  }

  function drawCursor(x) {
    const at = Math.min(shown.to, Math.max(shown.from, place ?? shown.to));
    const said = readOut(at);
    setAttributes(cursor, { x1: x(at), x2: x(at), y1: EDGE.top, y2: HEIGHT - EDGE.bottom,
      "data-shown": String(place !== null) });
    setText(words, said);
    setAttributes(slider, { "aria-valuemin": Math.round(shown.from / 1000),
      "aria-valuemax": Math.round(shown.to / 1000), "aria-valuenow": Math.round(at / 1000) });
    // Not while it moves along by itself: a screen reader would say every second.
    if (place !== null || document.activeElement !== slider) {
      setAttributes(slider, { "aria-valuetext": said });
    }
  }

  function moveTo(at) {
    place = at === null || at >= shown.to ? null : Math.max(shown.from, at);
    draw(shown);
    setAttributes(slider, { "aria-valuetext": words.textContent });
  }

  slider.addEventListener("keydown", (event) => {
    if (shown === null || event.ctrlKey || event.altKey || event.metaKey) return;
    const ends = { Home: shown.from, End: null, Escape: null };
    if (event.key in KEYS) {
      moveTo((place ?? shown.to) + KEYS[event.key] * stepMs * (event.shiftKey ? 10 : 1));
    } else if (event.key in ends) moveTo(ends[event.key]);
    else return;
    event.preventDefault();
  });
  slider.addEventListener("pointermove", ({ clientX }) => {
    if (shown === null || width === 0) return;
    const x = linear([shown.from, shown.to], [EDGE.left, width - EDGE.right]);
    moveTo(x.invert(clientX - slider.getBoundingClientRect().left));
  });
  slider.addEventListener("pointerleave", () => { if (shown !== null) moveTo(null); });
  return { element, draw };
}

function legend(series, mark) {
  const sample = (shape) => {
    const box = svg("svg", { class: "chart-sample", viewBox: "0 0 28 10", "aria-hidden": "true" });
    box.append(shape);
    return box;
  };
  const items = series.map(({ label }, rank) => el("li", {},
    sample(svg("path", { class: "chart-line", "data-rank": rank, d: "M0 5H28" })), label));
  if (mark) {
    items.push(el("li", {},
      sample(svg("path", { class: "chart-marks", d: "M14 0l5 9h-10z" })), mark));
  }
  return el("ul", { class: "chart-legend" }, ...items);
}

function text(attributes, words) {
  const element = svg("text", attributes);
  element.textContent = words;
  return element;
}
