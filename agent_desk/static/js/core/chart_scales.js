/** From values to places on a chart: linear scales, round ticks for counts, shares and instants. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const JST_MS = 9 * HOUR_MS; // steps of hours and days begin at midnight in Japan
const TIME_STEPS_MS = [
  1000, 2000, 5000, 10_000, 15_000, 30_000,
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE_MS),
  ...[1, 2, 3, 6, 12, 24].map((hours) => hours * HOUR_MS),
];
const ROUND = [1, 2, 5, 10];

/**
 * A straight line from `domain` to `range`.
 * @param {[number, number]} domain values; of two that are equal all values are at the beginning
 * @param {[number, number]} range places
 * @returns {((value: number) => number) & {invert: (place: number) => number}}
 */
export function linear([from, to], [first, last]) {
  const slope = to === from ? 0 : (last - first) / (to - from);
  const scale = (value) => first + (value - from) * slope;
  scale.invert = (place) => (slope === 0 ? from : from + (place - first) / slope);
  return scale;
}

/**
 * Round values from 0 on, the last of them at or above `most`.
 * @param {number} most the largest value there is
 * @param {{about?: number, whole?: boolean}} [options] about so many steps; `whole`: of counts
 * @returns {number[]} at least two
 */
export function ticksTo(most, { about = 4, whole = true } = {}) {
  const wanted = Math.max(most, whole ? 1 : Number.MIN_VALUE) / about;
  const power = 10 ** Math.floor(Math.log10(wanted));
  const round = ROUND.find((each) => each * power >= wanted - 1e-12);
  const step = Math.max(whole ? 1 : 0, power * round);
  const count = Math.max(1, Math.ceil(most / step - 1e-9));
  return Array.from({ length: count + 1 }, (_, index) => Number((index * step).toPrecision(12)));
}

/**
 * Round instants within a stretch of time, by the clock of Japan.
 * @param {number} from epoch milliseconds
 * @param {number} to epoch milliseconds
 * @param {number} [most] no more than so many
 * @returns {number[]} epoch milliseconds
 */
export function timeTicks(from, to, most = 6) {
  const step = TIME_STEPS_MS.find((each) => (to - from) / each <= most)
    ?? TIME_STEPS_MS.at(-1) * Math.ceil((to - from) / TIME_STEPS_MS.at(-1) / most);
  const ticks = [];
  const first = Math.ceil((from + JST_MS) / step) * step - JST_MS;
  for (let at = first; at <= to; at += step) ticks.push(at);
  return ticks;
}
