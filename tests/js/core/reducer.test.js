import assert from "node:assert/strict";
import test from "node:test";
import { mergeById, NOTHING_YET, reducerWith, replaceKeys }
  from "../../../agent_desk/static/js/core/reducer.js";
import { ServerStore } from "../../../agent_desk/static/js/core/store.js";

const desk = reducerWith(replaceKeys);
const floor = reducerWith(mergeById);
const snapshot = (seq, state) => ({ type: "snapshot", seq, state });
const update = (seq, changes) => ({ type: "update", seq, changes });

/** A small random generator with a seed, so that a failure can be repeated. */
function random(seed) {
  let state = seed;
  return () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  };
}

test("an old snapshot and all updates since give the fresh snapshot", () => {
  for (let seed = 1; seed <= 50; seed += 1) {
    const roll = random(seed);
    const truth = { seat: { state: "away" }, call: null, metrics: { calls: 0 } };
    let view = desk(NOTHING_YET, snapshot(7, structuredClone(truth)));
    for (let seq = 8; seq < 40; seq += 1) {
      const key = ["seat", "call", "metrics"][Math.floor(roll() * 3)];
      truth[key] = roll() < 0.2 ? null : { value: Math.floor(roll() * 5) };
      view = desk(view, update(seq, { [key]: structuredClone(truth[key]) }));
    }
    assert.deepEqual(view, desk(NOTHING_YET, snapshot(39, truth)));
  }
});

test("the floor's rows come, change and go, and equal a fresh snapshot", () => {
  for (let seed = 1; seed <= 50; seed += 1) {
    const roll = random(seed);
    const truth = { seats: {}, campaigns: { 1: { running: "running" } }, gateways: {} };
    let view = floor(NOTHING_YET, snapshot(1, structuredClone(truth)));
    for (let seq = 2; seq < 60; seq += 1) {
      const id = `operator${Math.floor(roll() * 6)}`;
      const row = roll() < 0.3 && truth.seats[id] ? null : { state: "talking", n: seq };
      if (row === null) delete truth.seats[id];
      else truth.seats[id] = row;
      view = floor(view, update(seq, { seats: { [id]: structuredClone(row) } }));
    }
    assert.deepEqual(view.state, truth);
  }
});

test("a repeated update changes nothing", () => {
  const view = desk(NOTHING_YET, snapshot(3, { seat: { state: "available" } }));
  assert.equal(desk(view, update(3, { seat: null })), view);
  assert.equal(desk(view, update(1, { seat: null })), view);
});

test("a gap keeps the picture, marks it, and only a snapshot mends it", () => {
  const view = desk(NOTHING_YET, snapshot(3, { seat: { state: "available" } }));
  const lost = desk(view, update(5, { seat: null }));
  assert.deepEqual(lost, { seq: 3, inSync: false, state: view.state });
  assert.equal(desk(lost, update(4, { seat: null })), lost);
  const mended = desk(lost, snapshot(9, { seat: { state: "away" } }));
  assert.deepEqual(mended, { seq: 9, inSync: true, state: { seat: { state: "away" } } });
});

test("an update before the first snapshot is ignored", () => {
  assert.equal(desk(NOTHING_YET, update(1, { seat: null })), NOTHING_YET);
});

test("the store asks once for what it missed", () => {
  const store = new ServerStore(desk);
  const heard = [];
  store.addEventListener("gap", () => heard.push("gap"));
  store.addEventListener("change", () => heard.push("change"));
  store.receive(snapshot(1, { a: 1 }));
  store.receive(update(4, { a: 2 }));
  store.receive(update(5, { a: 3 }));
  assert.deepEqual(heard, ["change", "gap"]);
  assert.equal(store.inSync, false);
});
