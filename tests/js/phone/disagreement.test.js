import assert from "node:assert/strict";
import test from "node:test";
import { Disagreement } from "../../../agent_desk/static/js/phone/disagreement.js";
import { sampleBetween } from "../../../agent_desk/static/js/phone/levels.js";
import { FakeTimers } from "../timers.js";

const silent = { up: true, saidDown: true, hearing: false };

function leg() {
  const timers = new FakeTimers();
  let replaced = 0;
  const disagreement = new Disagreement(() => { replaced += 1; }, { timers });
  return { timers, disagreement, replaced: () => replaced };
}

test("a silent leg the desk calls down for long is replaced once", () => {
  const { timers, disagreement, replaced } = leg();
  disagreement.look(silent);
  timers.pass(3900);
  disagreement.look(silent);
  assert.equal(replaced(), 0);
  timers.pass(200);
  assert.equal(replaced(), 1);
});

test("a leg the desk hears again in time is kept", () => {
  const { timers, disagreement, replaced } = leg();
  disagreement.look(silent);
  timers.pass(3000);
  disagreement.look({ ...silent, saidDown: false });
  timers.pass(10_000);
  assert.equal(replaced(), 0);
});

test("a leg a customer is heard on is kept whatever a restarted desk says", () => {
  const { timers, disagreement, replaced } = leg();
  disagreement.look(silent);
  timers.pass(1000);
  disagreement.look({ ...silent, hearing: true });
  timers.pass(10_000);
  assert.equal(replaced(), 0);
  disagreement.look(silent);
  timers.pass(4000);
  assert.equal(replaced(), 1);
});

test("a sample says whether anything arrived", () => {
  const before = { sent: 0, received: 10, lost: 0, energy: null, seconds: 0, upLoss: 0 };
  assert.equal(sampleBetween(before, { ...before, received: 60 }).hearing, true);
  assert.equal(sampleBetween(before, before).hearing, false);
  assert.equal(sampleBetween(null, before).hearing, false);
});
