/** Today's own figures, counted on between two messages of the server. */
import { liveMetrics } from "../core/metrics.js";
import { el, part, reconcile, setAttributes, setText } from "./dom.js";

const TIMES = { idle: "idle_s", talk: "talk_s", hold: "hold_s", wrap: "wrap_s", away: "away_s" };

export function ownMetrics({ root, server, clock, redraw, t, f }) {
  const time = (name, seconds) => {
    const box = part(root, `metric-${name}`);
    setAttributes(box, { "data-seconds": Math.floor(seconds) });
    setText(box.querySelector("dd"), f.duration(seconds));
  };

  /** Beside the figure of today: what is to be reached, and what one does on a day, by oneself. */
  function compare(box, name, { n, mean, goal, days }) {
    let beside = box.querySelector(".metric-average");
    if (!beside) {
      beside = el("dd", { class: "metric-average", "data-testid": `average-${name}` });
      box.append(beside);
    }
    const words = [
      goal === undefined ? null : t("metric.target_value", { n: f.count(goal) }),
      mean === undefined ? null : t("metric.average_value", { n: mean }),
    ];
    setText(beside, words.filter((one) => one !== null).join(" · "));
    setAttributes(beside, {
      title: mean === undefined ? null : t("metric.average_title", { days }),
    });
    setAttributes(box, { "data-reached": goal === undefined ? null : String(n >= goal) });
  }

  redraw.tick(() => {
    const state = server.state;
    if (!state?.seat) return;
    const live = liveMetrics(state.metrics, state.seat, clock.now());
    for (const [name, key] of Object.entries(TIMES)) time(name, live[key] ?? 0);
  });

  redraw.draw(() => {
    const state = server.state;
    if (!state?.campaign) return;
    const calls = part(root, "metric-calls");
    setAttributes(calls, { "data-count": state.metrics.calls });
    setText(calls.querySelector("dd"), t("format.calls", { n: f.count(state.metrics.calls) }));
    const { average, target } = state.metrics;
    const days = average?.days;
    compare(calls, "calls",
      { n: state.metrics.calls, mean: average?.calls, goal: target.calls, days });
    const counts = state.campaign.statuses.map(({ code, label }) =>
      ({ code, label, n: state.metrics.codes[code] ?? 0 }));
    counts.push({ code: "promises", label: t("metric.promises"), n: state.metrics.promises });
    reconcile(part(root, "metric-codes"), counts, {
      keyOf: ({ code }) => code,
      create: ({ code }) => el("div",
        { class: "metric", "data-testid": `metric-${code.replaceAll("_", "-")}` },
        el("dt"), el("dd")),
      update: (box, { code, label, n }) => {
        setAttributes(box, { "data-count": n });
        setText(box.querySelector("dt"), label);
        setText(box.querySelector("dd"), f.count(n));
        const mean = code === "promises" ? average?.promises : average?.codes[code];
        compare(box, code, { n, mean, goal: target[code], days });
      },
    });
  });
}
