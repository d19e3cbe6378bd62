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
    const counts = state.campaign.statuses.map(({ code, label }) =>
      ({ code, label, n: state.metrics.codes[code] ?? 0 }));
    counts.push({ code: "promises", label: t("metric.promises"), n: state.metrics.promises });
    reconcile(part(root, "metric-codes"), counts, {
      keyOf: ({ code }) => code,
      create: ({ code }) => el("div",
        { class: "metric", "data-testid": `metric-${code.replaceAll("_", "-")}` },
        el("dt"), el("dd")),
      update: (box, { label, n }) => {
        setAttributes(box, { "data-count": n });
        setText(box.querySelector("dt"), label);
        setText(box.querySelector("dd"), f.count(n));
      },
    });
  });
}
