import assert from "node:assert/strict";
import test from "node:test";
import { linePath, stepPath } from "../../../agent_desk/static/js/core/chart_paths.js";
import { lastUpTo, thinned } from "../../../agent_desk/static/js/core/chart_sampling.js";
import { linear, ticksTo, timeTicks } from "../../../agent_desk/static/js/core/chart_scales.js";

const NINE = Date.parse("2026-11-24T09:00:00+09:00");
const clock = (at) => new Date(at + 9 * 3_600_000).toISOString().slice(11, 19);

test("a scale goes there and back, and stands still where there is no stretch", () => {
  const scale = linear([0, 10], [100, 0]);
  assert.deepEqual([scale(0), scale(5), scale(10)], [100, 50, 0]);
  assert.equal(scale.invert(75), 2.5);
  const point = linear([3, 3], [0, 100]);
  assert.deepEqual([point(3), point(9), point.invert(50)], [0, 0, 3]);
});

test("ticks of counts are whole and reach the largest", () => {
  assert.deepEqual(ticksTo(0), [0, 1]);
  assert.deepEqual(ticksTo(3), [0, 1, 2, 3]);
  assert.deepEqual(ticksTo(7), [0, 2, 4, 6, 8]);
  assert.deepEqual(ticksTo(1234), [0, 500, 1000, 1500]);
});

test("ticks of shares are as fine as need be", () => {
  assert.deepEqual(ticksTo(0.03, { whole: false }), [0, 0.01, 0.02, 0.03]);
  assert.deepEqual(ticksTo(0.6, { whole: false, about: 3 }), [0, 0.2, 0.4, 0.6]);
  assert.deepEqual(ticksTo(1, { whole: false, about: 5 }), [0, 0.2, 0.4, 0.6, 0.8, 1]);
});

test("instants are round by the clock of Japan, a day's at its midnight", () => {
  assert.deepEqual(timeTicks(NINE - 90_000, NINE + 90_000).map(clock),
    ["08:58:30", "08:59:00", "08:59:30", "09:00:00", "09:00:30", "09:01:00", "09:01:30"]);
  assert.deepEqual(timeTicks(NINE - 3_600_000, NINE).map(clock),
    ["08:00:00", "08:10:00", "08:20:00", "08:30:00", "08:40:00", "08:50:00", "09:00:00"]);
  const days = timeTicks(NINE, NINE + 40 * 86_400_000);
  assert.ok(days.length <= 7 && days.every((at) => clock(at) === "00:00:00"), days.map(clock));
});

test("a line is interrupted where nothing is known", () => {
  assert.equal(linePath([[0, 1], [10, 2.04], [20, null], [30, 4], [40, 5]]), "M0 1L10 2M30 4L40 5");
  assert.equal(linePath([[0, null]]), "");
});

test("a count holds until the next, and to the edge", () => {
  assert.equal(stepPath([[0, 5], [10, 5], [20, 3]], 30), "M0 5H10H20V3H30");
  assert.equal(stepPath([[0, 5], [10, null], [20, 3]], 25), "M0 5H10M20 3H25");
  assert.equal(stepPath([], 30), "");
  assert.equal(stepPath([[0, 1], [5, null]], 30), "M0 1H5");
});

test("thinned out, peaks and gaps stay where they were", () => {
  const points = Array.from({ length: 100 }, (_, x) => [x, x === 42 ? 99 : x === 47 ? -1 : 5]);
  points[71] = [71, null];
  const few = thinned(points, 20);
  assert.ok(few.length <= 25);
  for (const x of [0, 42, 47, 71, 99]) assert.ok(few.some((each) => each === points[x]), String(x));
  assert.deepEqual(few.map(([x]) => x), few.map(([x]) => x).toSorted((a, b) => a - b));
  assert.deepEqual(thinned(points.slice(0, 3), 20), points.slice(0, 3));
});

test("the newest point up to an instant", () => {
  const at = [10, 20, 30];
  assert.deepEqual([5, 10, 19, 30, 99].map((each) => lastUpTo(at, each)), [-1, 0, 0, 2, 2]);
  assert.equal(lastUpTo([], 1), -1);
});
