/**
 * What a lead reads out of a campaign's counts: the abandonment budget, how often people answer,
 * lines per seat. Shares are fractions; null stands for "nothing to divide by yet".
 */

/** Rule R20: at this share of 24 hours the dialer starts one line per idle seat and no more. */
export const HARD_LIMIT = 0.03;
const NEAR = 0.75; // of the target; from here it is said
const ROUNDING = 1e-9; // 0.03 of 100 is 3, whatever the floating point says

/**
 * How one window of the budget stands.
 * @param {{live: number, abandoned: number}} window
 * @param {number} target a fraction, 0–0.03
 * @returns {{rate: number|null, level: string}} `level` is none, ok, near, over or spent
 */
export function spending({ live, abandoned }, target) {
  const rate = live ? abandoned / live : null;
  return { rate, level: level(rate, target) };
}

function level(rate, target) {
  if (rate === null) return "none";
  if (rate >= HARD_LIMIT - ROUNDING) return "spent";
  if (rate > target + ROUNDING) return "over";
  return rate > 0 && rate >= NEAR * target ? "near" : "ok";
}

/** Live answers ÷ attempts that ended, or null. */
export function answerRate({ attempts, live }) {
  return attempts ? live / attempts : null;
}

/** Lines in flight per seat, counting at least one seat: what a ratio caps. */
export function linesPer(lines, seats) {
  return lines / Math.max(1, seats);
}

/** Whether no call and no work after one is left: then a draining campaign waits for nobody. */
export function isQuiet({ lines, seats }) {
  return lines === 0 && ["reserved", "talking", "hold", "wrap_up"].every((state) => !seats[state]);
}

/** Campaigns that would stop, and the customers in flight whom nobody is joined to. */
export function atStake(campaigns) {
  const sum = (name) => campaigns.reduce((total, campaign) => total + campaign[name], 0);
  const going = campaigns.filter(({ running }) => running !== "stopped");
  return { going: going.length, ringing: sum("ringing"), waiting: sum("waiting") };
}
