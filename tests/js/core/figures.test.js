import assert from "node:assert/strict";
import test from "node:test";
import { backOff } from "../../../agent_desk/static/js/core/back_off.js";
import { GROUPS, seatsOf, urgency }
  from "../../../agent_desk/static/js/core/floor_order.js";
import { liveMetrics } from "../../../agent_desk/static/js/core/metrics.js";
import { inventedShare, lineOf, quality, withSample } from "../../../agent_desk/static/js/core/quality.js";

const metrics = { idle_s: 100, talk_s: 50, hold_s: 0, wrap_s: 10, away_s: 0, calls: 3 };
const now = Date.parse("2026-11-22T03:00:00Z");

test("the running state is added to the closed intervals", () => {
  const seat = { state: "available", since: "2026-11-22T02:59:30Z" };
  assert.deepEqual(liveMetrics(metrics, seat, now), { ...metrics, idle_s: 130 });
  assert.equal(liveMetrics(metrics, { ...seat, state: "reserved" }, now), metrics);
  assert.equal(liveMetrics(metrics, seat, null), metrics);
});

test("the running state counts from midnight in Japan", () => {
  const midnight = Date.parse("2026-11-22T15:00:00Z");
  const seat = { state: "away", since: "2026-11-22T13:00:00Z" };
  assert.equal(liveMetrics(metrics, seat, midnight + 60_000).away_s, 60);
});

const good = { rttMs: 30, jitterMs: 4, loss: 0 };
const run = (...samples) => quality(samples.reduce(withSample, []));

test("a good path has five bars and nothing measured has none", () => {
  assert.deepEqual(run(), { bars: 0, warnings: [] });
  assert.deepEqual(run(good, good, good, good, good), { bars: 5, warnings: [] });
});

test("one bad second is no warning, three of five are", () => {
  const slow = { ...good, rttMs: 500 };
  assert.equal(run(good, good, slow, good, good).bars, 5);
  assert.deepEqual(run(slow, good, slow, good, slow), { bars: 3, warnings: ["rtt"] });
  const both = { ...slow, jitterMs: 40 };
  assert.deepEqual(run(both, both, both), { bars: 2, warnings: ["rtt", "jitter"] });
});

test("loss costs bars by how much it is, and only the last five samples count", () => {
  const lossy = (loss) => run(...Array(5).fill({ ...good, loss })).bars;
  assert.deepEqual([0, 0.02, 0.04, 0.06, 0.1].map(lossy), [5, 4, 3, 2, 1]);
  const bad = { ...good, loss: 0.1 };
  assert.equal(run(bad, good, good, good, good, good).bars, 5);
});

test("five percent of loss shows within three samples", () => {
  const lossy = { ...good, loss: 0.05 };
  assert.ok(run(good, good, lossy, lossy, lossy).bars < 5);
});

test("the page and the desk each know a part of the line", () => {
  const told = { bars: 2, poor: ["customer"], noisy: [] };
  assert.deepEqual(lineOf([], null), { bars: 0, poor: null, noisy: null });
  assert.deepEqual(lineOf([good], told), { bars: 2, poor: "customer", noisy: null });
  const lossy = Array(5).fill({ ...good, loss: 0.1 });
  assert.deepEqual(lineOf(lossy, told), { bars: 1, poor: "both", noisy: null });
  assert.deepEqual(lineOf([good], { bars: 5, poor: [], noisy: ["operator"] }),
    { bars: 5, poor: null, noisy: "operator" });
});

test("pauses double up to a limit and are spread", () => {
  const pause = (tries, value) =>
    backOff(tries, { firstMs: 500, mostMs: 8000, random: () => value });
  assert.deepEqual([1, 2, 3, 9].map((tries) => pause(tries, 1)), [500, 1000, 2000, 8000]);
  assert.equal(pause(3, 0), 1000);
});

test("every state belongs to exactly one group of the floor", () => {
  const states = [
    "offline", "starting", "available", "reserved", "talking", "hold", "wrap_up", "away",
  ];
  assert.deepEqual(GROUPS.flatMap((group) => group.states).sort(), states.sort());
});

test("seats of a group stand in the order of their time in the state", () => {
  const seat = (id, since) => ({ id, state: "talking", since });
  const seats = [seat("b", "2026-11-22T02:59:00Z"), seat("a", "2026-11-22T02:59:00Z"),
    seat("c", "2026-11-22T02:00:00Z"), { ...seat("d", "2026-11-22T01:00:00Z"), state: "away" }];
  assert.deepEqual(seatsOf(GROUPS[0], seats).map(({ id }) => id), ["c", "a", "b"]);
});

test("time in a state is remarkable from the centre's thresholds on", () => {
  const thresholds = { wrap_up: { long_s: 60, too_long_s: 180 } };
  const of = (state, seconds) => urgency(state, seconds, thresholds);
  assert.equal(of("wrap_up", 59.9), null);
  assert.deepEqual(of("wrap_up", 60), { level: "long", limitS: 60 });
  assert.deepEqual(of("wrap_up", 179.9), { level: "long", limitS: 60 });
  assert.deepEqual(of("wrap_up", 180), { level: "too_long", limitS: 180 });
  assert.equal(of("offline", 9999), null);
});

test("the second in which a talk or a hold begins or ends is no fault of the line", () => {
  const heard = (concealed) => ({ hearing: true, concealed });
  const idle = { hearing: false, concealed: 0 };
  assert.equal(inventedShare([]), 0);
  assert.equal(inventedShare([idle, heard(0.4), heard(0)]), 0, "it began");
  assert.equal(inventedShare([heard(0), heard(0.4), idle]), 0, "it ended");
  assert.equal(inventedShare([idle, heard(0.4)]), 0);
  assert.equal(inventedShare([idle, heard(0), heard(0.2), heard(0)]), 0.2, "in the middle of one");
});
