/**
 * アポ数 = コール数 × アポ率, while somebody moves the sliders.
 *
 * The same arithmetic as `agent_desk/services/reports/what_if.py`, which answers without scripts;
 * both are held to the cases of `tests/fixtures/what_if.json`.
 */

/**
 * What calls by `callsPercent` percent and a rate by `ratePoints` points more would bring.
 *
 * @param {{calls: number, hits: number, callsPercent: number, ratePoints: number}} tried
 * @returns figures; all but `triedCalls` are null where there was no call
 */
export function whatIf({ calls, hits, callsPercent, ratePoints }) {
  const triedCalls = (calls * (100 + callsPercent)) / 100;
  const rate = calls > 0 ? hits / calls : null;
  if (rate === null) {
    const none = { rate, triedRate: null, triedHits: null, more: null };
    return { ...none, triedCalls, byCalls: null, byRate: null, worthOfAPoint: null };
  }
  const triedRate = Math.min(1, Math.max(0, rate + ratePoints / 100));
  const triedHits = triedCalls * triedRate;
  return {
    rate,
    triedCalls,
    triedRate,
    triedHits,
    more: triedHits - hits,
    byCalls: (triedCalls - calls) * rate,
    byRate: calls * (triedRate - rate),
    worthOfAPoint: rate ? 1 / rate : null,
  };
}
