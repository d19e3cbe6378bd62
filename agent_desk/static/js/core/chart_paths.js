/** Path data of lines through points `[x, y]`; a y of null is a gap, not a nought. */

const place = (value) => String(Math.round(value * 10) / 10); // a tenth of a pixel is not seen

/** Straight from point to point. */
export function linePath(points) {
  let path = "";
  let open = false;
  for (const [x, y] of points) {
    if (y !== null) path += `${open ? "L" : "M"}${place(x)} ${place(y)}`;
    open = y !== null;
  }
  return path;
}

/** Each value holds until the next point: what counts do. The last one holds to `until`. */
export function stepPath(points, until) {
  let path = "";
  let held = null;
  for (const [x, y] of points) {
    if (held !== null) path += `H${place(x)}`;
    if (y !== null && y !== held) path += `${held === null ? `M${place(x)} ` : "V"}${place(y)}`;
    held = y;
  }
  return held === null || until === undefined ? path : `${path}H${place(until)}`;
}
