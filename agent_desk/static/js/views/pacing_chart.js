/** What the dialer of a campaign did in the last minutes: a chart that grows by the second. */
import { PacingTrace } from "../core/pacing_trace.js";
import { timeChart } from "./chart.js";
import { el, part, reconcile, setAttributes, setText } from "./dom.js";

const SPANS_S = [600, 3600];
const SERIES = ["lines", "idle", "talking"];
const ROW_S = 300;
const ROWS = 12;
const AGAIN_MS = 5000;

/**
 * @param {number} campaignId
 * @param {{t: Function, f: object, clock: object, local: object, commands: object}} view
 * @returns {{element: Element, note: (point: object) => void, draw: () => void}}
 */
export function pacingChart(campaignId, { t, f, clock, local, commands }) {
  const trace = new PacingTrace();
  let span = SPANS_S[0];
  let complete = false; // nothing is missing before what is pushed
  let askedAt = -Infinity;
  let visible = false;

  const reasonText = (code) => t(`why.${code || "nothing"}`);
  const chart = timeChart({
    label: t("floor.trace.label"),
    series: SERIES.map((name) => ({ name, label: t(`floor.trace.${name}`) })),
    mark: t("floor.trace.abandoned"),
    readOut,
    timeText: (at) => f.time(at),
    stepMs: 1000,
  });
  const spans = el("select", { class: "chart-span", "aria-label": t("floor.trace.span"),
    "data-testid": "trace-span" },
  ...SPANS_S.map((seconds) => el("option", { value: seconds },
    t("floor.trace.minutes", { n: seconds / 60 }))));
  const body = el("tbody");
  const table = el("details", { class: "chart-table" },
    el("summary", {}, t("floor.trace.table")),
    el("table", { class: "table table-small" },
      el("thead", {}, el("tr", {}, ...["from", ...SERIES, "abandoned", "why"].map((name) =>
        el("th", { scope: "col" }, t(`floor.trace.head.${name}`))))), body));
  const element = el("section", { class: "trace", "data-testid": "pacing-trace",
    "aria-label": t("floor.trace.title") },
  el("div", { class: "trace-head" }, el("h4", {}, t("floor.trace.title")), spans),
  chart.element, table);

  spans.addEventListener("change", () => { span = Number(spans.value); draw(); });
  table.addEventListener("toggle", draw);
  new IntersectionObserver((entries) => {
    visible = entries.at(-1).isIntersecting;
    draw();
  }).observe(element);

  function readOut(at) {
    const held = trace.at(Math.floor(at / 1000));
    const time = f.exactTime(at);
    if (held === null) return t("floor.trace.unknown", { time });
    return t("floor.trace.read", { time, lines: held.lines, idle: held.idle,
      talking: held.talking, why: reasonText(held.why) });
  }

  /** What is missing is asked for once; a desk that cannot answer now is asked again later. */
  async function complement() {
    if (complete || local.state.link !== "up" || performance.now() - askedAt < AGAIN_MS) return;
    askedAt = performance.now();
    const since = trace.newest;
    try {
      trace.take(await commands.send("pacing_trace", { campaign_id: campaignId, since }), since);
      complete = true;
      draw();
    } catch {
      // asked again by a later second
    }
  }

  function draw() {
    if (local.state.link !== "up") complete = false;
    if (!visible || !clock.known) return;
    complement();
    const known = local.state.link === "up" ? clock.now() : local.state.heardAt ?? clock.now();
    const to = Math.floor(known / 1000);
    const from = to - span;
    const points = (name) => trace.series(name, from, to).map(([at, value]) => [at * 1000, value]);
    chart.draw({ from: from * 1000, to: to * 1000,
      lines: new Map(SERIES.map((name) => [name, points(name)])),
      marks: trace.abandoned(from, to).map(([at]) => at * 1000) });
    setAttributes(element, { "data-points": trace.instants.length });
    if (table.open) drawTable(to);
  }

  function drawTable(to) {
    const cell = (name) => el("td", { "data-part": name });
    reconcile(body, trace.rows(to, ROW_S, ROWS), {
      keyOf: ({ from }) => from,
      create: () => el("tr", {}, el("th", { scope: "row", "data-part": "from" }),
        ...[...SERIES, "abandoned", "why"].map(cell)),
      update: (row, values) => {
        setText(part(row, "from"), f.time(values.from * 1000));
        for (const name of SERIES) setText(part(row, name), values[name].toFixed(1));
        setText(part(row, "abandoned"), f.count(values.abandoned));
        setText(part(row, "why"), reasonText(values.why));
      },
    });
  }

  return { element, draw, note: (point) => trace.note(point) };
}
