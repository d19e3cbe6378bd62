import assert from "node:assert/strict";
import { test } from "node:test";
import {
  hasTheCall, isHeard, MODES, needsLeg, ownUse, supervisable, Wishes,
} from "../../../agent_desk/static/js/core/supervision.js";

test("only a talk can be supervised", () => {
  for (const state of ["talking", "hold"]) {
    assert.equal(supervisable({ state, phase: "bridged" }), true);
    assert.equal(supervisable({ state, phase: null }), false);
  }
  for (const state of ["available", "reserved", "wrap_up", "away", "starting"]) {
    assert.equal(supervisable({ state, phase: "bridged" }), false);
  }
});

test("the microphone goes out for what is asked, before it is so", () => {
  const heard = MODES.filter((mode) => isHeard({ mode: "listen", asked: mode }));
  assert.deepEqual(heard, ["whisper", "barge", "take_over"]);
  assert.equal(isHeard({ mode: "barge", asked: "listen" }), false);
  assert.equal(isHeard({ mode: "barge", asked: null }), true);
  assert.equal(isHeard(null), false);
});

test("a leg is needed for a call and while one waits for the next, not for a problem", () => {
  assert.equal(needsLeg(null), false);
  assert.equal(needsLeg({ seat: null, problem: "leg-lost" }), false);
  assert.equal(needsLeg({ seat: "operator1", waiting: true }), true);
});

test("a call that is taken over, or just is, is the lead's own", () => {
  assert.equal(hasTheCall({ mode: "listen", asked: "take_over" }), true);
  assert.equal(hasTheCall({ mode: "take_over", asked: "take_over" }), true);
  assert.equal(hasTheCall({ mode: "barge", asked: "barge" }), false);
  assert.equal(hasTheCall(null), false);
});

test("a lead finds the own use among those of others", () => {
  const state = { supervisions: { lead1: { seat: "operator1" }, lead2: { seat: "operator2" } } };
  assert.equal(ownUse(state, "lead1").seat, "operator1");
  assert.equal(ownUse(state, "lead3"), null);
  assert.equal(ownUse(null, "lead1"), null);
});

test("a switch pressed twice before the floor shows it is off again", () => {
  const wishes = new Wishes(), use = { seat: "operator1", muted: false };
  assert.equal(wishes.of(use, "muted"), false);
  wishes.set("muted", true);
  wishes.shown(use);
  assert.equal(wishes.of(use, "muted"), true);
  wishes.set("muted", !wishes.of(use, "muted"));
  assert.equal(wishes.of({ ...use, muted: true }, "muted"), false);
});

test("a switch is as the server has it once that was told, was refused, or the use is over", () => {
  const wishes = new Wishes(), use = { seat: "operator1", held: false };
  wishes.set("held", true);
  wishes.shown({ ...use, held: true });
  assert.equal(wishes.of(use, "held"), false, "somebody else turned it off since");
  wishes.set("held", true);
  wishes.drop("held");
  assert.equal(wishes.of(use, "held"), false);
  wishes.set("held", true);
  wishes.shown(null);
  assert.equal(wishes.of(use, "held"), false);
});
