/** How long to wait before the next attempt: doubling, bounded, spread out at random. */

/**
 * @param {number} tries how many have failed so far, from 1
 * @param {{firstMs?: number, mostMs?: number, random?: () => number}} [options]
 * @returns {number} milliseconds, between half and the whole of the step
 */
export function backOff(tries, { firstMs = 500, mostMs = 8000, random = Math.random } = {}) {
  const step = Math.min(mostMs, firstMs * 2 ** Math.max(0, tries - 1));
  return Math.round(step * (0.5 + random() / 2));
}
