/**
 * Today's own figures, live: the server sends the closed intervals, the running one is added here.
 * The running interval counts from midnight in Japan at the earliest, as the reports count it.
 */
import { businessMidnight } from "./format.js";

const METRIC_OF_STATE = {
  available: "idle_s",
  talking: "talk_s",
  hold: "hold_s",
  wrap_up: "wrap_s",
  away: "away_s",
};

/**
 * @param {object} metrics closed intervals, seconds per state
 * @param {{state: string, since: string}} seat the running interval
 * @param {number|null} nowMs server time
 * @returns {object} the same keys with the running seconds added
 */
export function liveMetrics(metrics, seat, nowMs) {
  const key = METRIC_OF_STATE[seat.state];
  if (!key || nowMs === null || !seat.since) return metrics;
  const start = Math.max(Date.parse(seat.since), businessMidnight(nowMs));
  return { ...metrics, [key]: metrics[key] + Math.max(0, (nowMs - start) / 1000) };
}
