import assert from "node:assert/strict";
import test from "node:test";
import { KEPT_S, PacingTrace } from "../../../agent_desk/static/js/core/pacing_trace.js";

const REASONS = ["", "trunk-full"];
const point = (at, lines, more = {}) =>
  ({ at, lines, idle: 1, talking: 2, abandoned: 0, why: 0, ...more });

function told(points, begins = points[0]?.at ?? null) {
  const column = (name) => points.map((each) => each[name]);
  return { begins, reasons: REASONS, at: column("at"), lines: column("lines"), idle: column("idle"),
    talking: column("talking"), abandoned: column("abandoned"), why: column("why") };
}

test("points hold until the next one, and before the first nothing is known", () => {
  const trace = new PacingTrace();
  trace.take(told([point(100, 4), point(110, 6, { why: 1 })]), 0);
  assert.equal(trace.at(99), null);
  assert.deepEqual([trace.at(100).lines, trace.at(109).lines, trace.at(500).lines], [4, 4, 6]);
  assert.equal(trace.at(110).why, "trunk-full");
  assert.deepEqual(trace.series("lines", 105, 200), [[105, 4], [110, 6]]);
});

test("what is pushed while the answer is under way is kept behind it", () => {
  const trace = new PacingTrace();
  trace.note(point(120, 9));
  trace.note(point(119, 1));
  trace.note({});
  trace.take(told([point(100, 4), point(118, 8)]), 0);
  assert.deepEqual(trace.instants, [100, 118, 120]);
  trace.take(told([point(120, 9), point(121, 3)], 100), 118);
  assert.deepEqual(trace.instants, [100, 118, 120, 121]);
  assert.equal(trace.newest, 121);
});

test("after a desk that was started anew there is a gap, after a lost link there is none", () => {
  const lost = new PacingTrace();
  lost.take(told([point(100, 4)]), 0);
  lost.take(told([point(130, 5)], 100), 100);
  assert.deepEqual(lost.series("lines", 100, 200), [[100, 4], [130, 5]]);
  const anew = new PacingTrace();
  anew.take(told([point(100, 4)]), 0);
  anew.take(told([point(130, 5)]), 100);
  assert.deepEqual(anew.series("lines", 100, 200), [[100, 4], [101, null], [130, 5]]);
  assert.equal(anew.at(115), null);
});

test("rows are means over time, newest first, with what was abandoned in them", () => {
  const trace = new PacingTrace();
  trace.take(told([point(0, 4), point(15, 8, { abandoned: 2 }), point(60, 0, { why: 1 })]), 0);
  const rows = trace.rows(90, 60, 3);
  assert.deepEqual(rows.map(({ from }) => from), [60, 0]);
  assert.deepEqual(rows.map(({ lines }) => lines), [0, 7]);
  assert.deepEqual(rows.map(({ abandoned }) => abandoned), [0, 2]);
  assert.deepEqual(rows.map(({ why }) => why), ["trunk-full", "trunk-full"]);
});

test("no more is kept than an hour and a little", () => {
  const trace = new PacingTrace();
  for (let at = 1; at <= 3 * KEPT_S; at += 1) trace.note(point(at, at % 5));
  assert.ok(trace.instants.length >= KEPT_S && trace.instants.length < KEPT_S * 1.2);
  assert.equal(trace.newest, 3 * KEPT_S);
  assert.deepEqual(new PacingTrace().series("lines", 0, 10), []);
  assert.deepEqual(new PacingTrace().rows(100, 60, 5), []);
});
