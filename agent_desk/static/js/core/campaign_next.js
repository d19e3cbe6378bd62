/** What the dialer would do next, from what a panel knows: up to how many lines, and what for. */

// While one of these holds a waiting operator gets one line and nobody is called ahead.
const ONE_EACH = new Set(["few-seats", "budget-spent", "no-safe-harbour", "others-care"]);
// Nothing is dialed however many seats are free: there is no next move to tell.
const BLOCKED = new Set([
  "gateway-down", "gateway-overloaded", "gateway-draining", "trunk-down", "no-seats", "list-empty",
  "no-dialable", "outside-hours", "clock-stepped", "desk-draining",
]);

/**
 * @param {{running: string, mode: string, ratio: number, why: {code: string},
 *   pacing: {lines: number, idle: number, expected_free: number|null}|null}} campaign
 * @returns {{code: string, params: object}|null} a sentence of the family `floor.next`; null while
 *   nothing is dialed, which `why` explains
 */
export function nextMove({ running, mode, ratio, why, pacing }) {
  if (running !== "running" || BLOCKED.has(why.code)) return null;
  if (mode === "preview") return { code: "preview", params: {} };
  if (pacing === null) return null;
  const { lines, idle, expected_free: expected } = pacing;
  const factor = mode === "progressive" || ONE_EACH.has(why.code) ? 1 : ratio;
  const ahead = expected !== null && factor !== 1;
  const seats = ahead ? Math.max(1, expected) : idle;
  const aim = ahead ? Math.floor(factor * seats + 1e-9) : Math.floor(factor * seats + 0.5);
  const params = { lines, idle, seats: ahead ? expected.toFixed(1) : String(idle),
    ratio: factor.toFixed(1), aim, n: Math.max(0, aim - lines) };
  if (ahead) return { code: aim > lines ? "ahead" : "ahead_full", params };
  if (idle === 0) return { code: "seat", params: { ...params, n: Math.floor(factor + 0.5) } };
  return { code: aim > lines ? "room" : "full", params };
}
