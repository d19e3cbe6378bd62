/**
 * Fewer points that look the same: a chart of six hundred pixels shows no three thousand.
 *
 * Of the points on one stretch of the axis the first, the lowest, the highest and the last stay, in
 * their order: peaks of a second, which are what one looks for, are not averaged away.
 */

/**
 * @param {[number, number|null][]} points by rising x
 * @param {number} width of a stretch, in the unit of x
 * @returns {[number, number|null][]} at most four points, and a gap, for each stretch
 */
export function thinned(points, width) {
  const kept = [];
  let stretch = [];
  let ends = -Infinity;
  for (const point of points) {
    if (point[0] >= ends) {
      kept.push(...telling(stretch));
      stretch = [];
      ends = point[0] + width;
    }
    stretch.push(point);
  }
  kept.push(...telling(stretch));
  return kept;
}

function telling(points) {
  if (points.length <= 4) return points;
  const known = points.map(([, y], index) => [y, index]).filter(([y]) => y !== null);
  const wanted = new Set([0, points.length - 1]);
  const gap = points.findIndex(([, y]) => y === null);
  if (gap >= 0) wanted.add(gap);
  if (known.length) {
    wanted.add(known.reduce((low, each) => (each[0] < low[0] ? each : low))[1]);
    wanted.add(known.reduce((high, each) => (each[0] > high[0] ? each : high))[1]);
  }
  return [...wanted].sort((a, b) => a - b).map((index) => points[index]);
}

/**
 * The newest of some points at or before an instant.
 * @param {number[]} instants rising
 * @param {number} at
 * @returns {number} its place, -1 when all are later
 */
export function lastUpTo(instants, at) {
  let [low, high] = [0, instants.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (instants[middle] <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
