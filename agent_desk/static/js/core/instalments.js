/** A plan of instalments: equal parts, a month apart, that add up to the yen. */
import { endOfMonth } from "./format.js";

/** The same day `months` later, or the last of a shorter month. */
export function monthsLater(isoDate, months) {
  const last = endOfMonth(isoDate, months);
  const day = isoDate.slice(8);
  return day < last.slice(8) ? `${last.slice(0, 8)}${day}` : last;
}

/**
 * @param {{dueOn: string, amountYen: number}} first when the plan begins, and the whole amount
 * @param {number} count of parts; the first takes the yen that cannot be shared out
 * @returns {{due_on: string, amount_yen: number}[]}
 */
export function instalments({ dueOn, amountYen }, count) {
  const each = Math.floor(amountYen / count);
  return Array.from({ length: count }, (_, index) => ({
    due_on: monthsLater(dueOn, index),
    amount_yen: index === 0 ? amountYen - each * (count - 1) : each,
  }));
}
