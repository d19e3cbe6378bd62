/**
 * Three bars for the audio path, from one sample a second of the browser's own statistics.
 *
 * A measure warns when it is bad in at least three of the last five samples (loss: by its average),
 * the thresholds Twilio's voice library warns at: round trip over 400 ms, jitter over 30 ms, loss
 * over 3 %. One warning costs one bar; loss over 8 % or two warnings cost two.
 */
const WINDOW = 5;
const OFTEN = 3;
const LIMITS = { rttMs: 400, jitterMs: 30, loss: 0.03, heavyLoss: 0.08 };

/** The window after one more sample; at most five are kept. */
export function withSample(samples, sample) {
  return [...samples, sample].slice(-WINDOW);
}

/**
 * @param {{rttMs: number, jitterMs: number, loss: number}[]} samples oldest first
 * @returns {{bars: 0|1|2|3, warnings: string[]}} 0 bars: nothing measured
 */
export function quality(samples) {
  if (samples.length === 0) return { bars: 0, warnings: [] };
  const often = (bad) => samples.filter(bad).length >= Math.min(OFTEN, samples.length);
  const loss = samples.reduce((sum, one) => sum + one.loss, 0) / samples.length;
  const warnings = [];
  if (often((one) => one.rttMs > LIMITS.rttMs)) warnings.push("rtt");
  if (often((one) => one.jitterMs > LIMITS.jitterMs)) warnings.push("jitter");
  if (loss > LIMITS.loss) warnings.push("loss");
  const cost = Math.max(warnings.length, loss > LIMITS.heavyLoss ? 2 : 0);
  return { bars: Math.max(1, 3 - cost), warnings };
}
