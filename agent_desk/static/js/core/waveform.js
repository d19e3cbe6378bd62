/** How loud each part of a recording is, and the outline that draws it. Pure. */

export const COLUMNS = 240; // of a picture, whatever its width
export const TALLEST = 96; // of a column, of the hundred units on either side of the middle
const LOUD_ENOUGH = 0.1; // of full scale: what is quieter throughout is not blown up to be loud
const EVENED = 0.6; // exponent: a quiet voice is still seen beside a loud one
const SEEN = 1; // the least of a column: silence is a line

/** The farthest from silence of each of so many equal parts; 0 to 1. */
export function peaks(samples, columns = COLUMNS) {
  const found = new Float32Array(columns);
  for (let column = 0; column < columns; column += 1) {
    const end = Math.floor((column + 1) * samples.length / columns);
    let most = 0;
    for (let at = Math.floor(column * samples.length / columns); at < end; at += 1) {
      const loud = Math.abs(samples[at]);
      if (loud > most) most = loud;
    }
    found[column] = most;
  }
  return found;
}

/** Columns of several parties, measured by the loudest of them all; 0 to TALLEST. */
export function heights(parties) {
  const loudest = Math.max(LOUD_ENOUGH, ...parties.map((all) => Math.max(0, ...all)));
  return parties.map((all) =>
    Array.from(all, (loud) => Math.min(1, loud / loudest) ** EVENED * TALLEST));
}

/**
 * Columns as one path in a box of COLUMNS × 200, up from the middle or down from it.
 * @param {number[]} columns @param {1 | -1} direction -1 is up
 */
export function outline(columns, direction) {
  return columns.map((height, n) => {
    const far = Math.round(Math.max(SEEN, height)) * direction;
    return `M${n}.15 100v${far}h.7v${-far}z`;
  }).join("");
}
