/**
 * Five bars for a conversation's sound, as the desk counts them (`services/seat/line_quality.py`),
 * from one sample a second of the browser's own statistics.
 *
 * A measure warns when it is bad in at least three of the last five samples (loss: by its average),
 * the thresholds Twilio's voice library warns at: round trip over 400 ms, jitter over 30 ms, loss
 * over 3 %. One warning leaves three bars, two leave two; much loss leaves one.
 */
const WINDOW = 5;
const OFTEN = 3;
const MOST = 5;
const WARNED = 3;
const LIMITS = { rttMs: 400, jitterMs: 30, loss: 0.03 };
const BY_LOSS = [[0.08, 1], [0.05, 2], [LIMITS.loss, WARNED], [0.01, 4]];

/** The window after one more sample; at most five are kept. */
export function withSample(samples, sample) {
  return [...samples, sample].slice(-WINDOW);
}

/**
 * @param {{rttMs: number, jitterMs: number, loss: number}[]} samples oldest first
 * @returns {{bars: 0|1|2|3|4|5, warnings: string[]}} 0 bars: nothing measured
 */
export function quality(samples) {
  if (samples.length === 0) return { bars: 0, warnings: [] };
  const often = (bad) => samples.filter(bad).length >= Math.min(OFTEN, samples.length);
  const loss = samples.reduce((sum, one) => sum + one.loss, 0) / samples.length;
  const warnings = [];
  if (often((one) => one.rttMs > LIMITS.rttMs)) warnings.push("rtt");
  if (often((one) => one.jitterMs > LIMITS.jitterMs)) warnings.push("jitter");
  if (loss > LIMITS.loss) warnings.push("loss");
  const byLoss = BY_LOSS.filter(([limit]) => loss > limit).map(([, bars]) => bars);
  const byWarnings = [MOST, WARNED, WARNED - 1, WARNED - 1][warnings.length];
  return { bars: Math.min(byWarnings, ...byLoss), warnings };
}

/**
 * What the page measured and what the desk heard of both legs, as one.
 * @param {{bars: number, poor: string[], noisy: string[]}|null|undefined} told by the desk
 * @returns {{bars: number, poor: string|null, noisy: string|null}} sides: `operator`, `customer`,
 *   `both`; bars of the worse
 */
export function lineOf(samples, told) {
  const own = quality(samples).bars;
  const known = [own, told?.bars ?? 0].filter((bars) => bars > 0);
  const poor = new Set(told?.poor ?? []);
  if (own > 0 && own <= WARNED) poor.add("operator");
  return {
    bars: known.length ? Math.min(...known) : 0,
    poor: sideOf([...poor]),
    noisy: sideOf(told?.noisy ?? []),
  };
}

/** Whether nothing has arrived for three samples: in a talk, the other end of the leg is gone. */
export function isDeaf(samples) {
  const last = samples.slice(-OFTEN);
  return last.length === OFTEN && last.every(({ hearing }) => hearing === false);
}

/**
 * The share of sound the browser had to invent, of the newest second that lies whole inside a
 * stream: of the seconds in which one begins or ends (a talk, hold, music) a part is silence nobody
 * sent, which is no fault of the line.
 */
export function inventedShare(samples) {
  const last = samples.slice(-3);
  return last.length === 3 && last.every(({ hearing }) => hearing) ? last[1].concealed : 0;
}

/** One word for the sides that are named, null for none. */
export function sideOf(sides) {
  return sides.length > 1 ? "both" : sides[0] ?? null;
}
