/**
 * The dialer's last hour of one campaign, as the desk tells it: points that hold until the next.
 *
 * Instants are epoch seconds. The newest point is pushed with the floor; what was before is asked
 * for once and after a lost link. Where the desk itself knows nothing, there is a gap.
 */
import { lastUpTo } from "./chart_sampling.js";

export const KEPT_S = 3600;
const GAP = Object.freeze({});

export class PacingTrace {
  #points = []; // by rising `at`

  /** The instants there is a point at. */
  get instants() {
    return this.#points.map(({ at }) => at);
  }

  /** After which instant the desk is to be asked for more. */
  get newest() {
    return this.#points.at(-1)?.at ?? 0;
  }

  /**
   * Take in what the desk answered: columns of what came after `since`.
   * @param {{at: number[], begins: number|null, reasons: string[]}} told `begins`: its first point
   * @param {number} since what was asked for
   */
  take(told, since) {
    const { at, begins, reasons, ...columns } = told;
    const names = Object.keys(columns);
    const fresh = at.map((instant, index) => ({
      at: instant,
      ...Object.fromEntries(names.map((name) => [name, columns[name][index]])),
      why: reasons[columns.why[index]] ?? "",
    }));
    const before = this.#points.filter((point) => point.at <= since);
    const after = this.#points.filter((point) => point.at > (at.at(-1) ?? since));
    const last = before.at(-1);
    // The desk was started anew meanwhile: nobody knows what went on between.
    const gap = last && last !== GAP && begins !== null && begins > last.at
      ? [{ ...GAP, at: last.at + 1 }] : [];
    this.#points = [...before, ...gap, ...fresh, ...after];
    this.#forget();
  }

  /** Take in the newest point, as it is pushed. */
  note(point) {
    if (point.at === undefined || point.at <= this.newest) return;
    this.#points.push(point);
    this.#forget();
  }

  /** What held at an instant; null before the first point and where nothing is known. */
  at(instant) {
    const point = this.#points[lastUpTo(this.instants, instant)];
    return point === undefined || point.lines === undefined ? null : point;
  }

  /**
   * One column between two instants, the value that held at the first one included.
   * @returns {[number, number|null][]} instants and values
   */
  series(name, from, to) {
    const first = Math.max(0, lastUpTo(this.instants, from));
    return this.#points.slice(first)
      .filter(({ at }) => at <= to)
      .map((point) => [Math.max(from, point.at), point[name] ?? null]);
  }

  /** Instants in the stretch at which somebody was abandoned, and how many. */
  abandoned(from, to) {
    return this.#points.filter(({ at, abandoned }) => abandoned && at >= from && at <= to)
      .map(({ at, abandoned }) => [at, abandoned]);
  }

  /**
   * The same as rows to read: means over stretches of `every` seconds, newest first.
   * @returns {{from: number, lines: number, idle: number, talking: number, abandoned: number,
   *   why: string}[]} `why` is what held at the end of a stretch
   */
  rows(to, every, count) {
    const end = Math.ceil(to / every) * every;
    return Array.from({ length: count }, (_, index) => end - (index + 1) * every)
      .map((from) => this.#row(from, Math.min(from + every, to)))
      .filter((row) => row !== null);
  }

  #row(from, until) {
    const held = this.at(until);
    const means = ["lines", "idle", "talking"].map((name) => this.#mean(name, from, until));
    if (held === null || means.includes(null)) return null;
    const abandoned = this.abandoned(from, until - 1).reduce((sum, [, n]) => sum + n, 0);
    const [lines, idle, talking] = means;
    return { from, lines, idle, talking, abandoned, why: held.why };
  }

  #mean(name, from, until) {
    const points = this.series(name, from, until);
    let [sum, known] = [0, 0];
    points.forEach(([at, value], index) => {
      const seconds = (points[index + 1]?.[0] ?? until) - at;
      if (value === null || seconds <= 0) return;
      sum += value * seconds;
      known += seconds;
    });
    return known ? sum / known : null;
  }

  #forget() {
    const held = lastUpTo(this.instants, this.newest - KEPT_S);
    if (held > KEPT_S / 10) this.#points.splice(0, held);
  }
}
