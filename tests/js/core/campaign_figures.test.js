import assert from "node:assert/strict";
import test from "node:test";
import {
  answerRate, atStake, isQuiet, linesPer, spending,
} from "../../../agent_desk/static/js/core/campaign_figures.js";

test("a window says how the target stands", () => {
  const level = (live, abandoned, target = 0.01) => spending({ live, abandoned }, target).level;
  assert.equal(spending({ live: 200, abandoned: 1 }, 0.01).rate, 0.005);
  assert.deepEqual([level(200, 1), level(1000, 8), level(100, 1), level(100, 2)],
    ["ok", "near", "near", "over"], "at the target is not over it");
  assert.deepEqual([level(50, 0, 0), level(50, 1, 0)], ["ok", "over"]);
});

test("three per cent is spent, whatever the target is; nobody answered is nothing yet", () => {
  assert.equal(spending({ live: 100, abandoned: 3 }, 0.03).level, "spent");
  assert.equal(spending({ live: 1000, abandoned: 29 }, 0.03).level, "near");
  assert.deepEqual(spending({ live: 0, abandoned: 0 }, 0.01), { rate: null, level: "none" });
});

test("rates and ratios divide by something or say nothing", () => {
  assert.equal(answerRate({ attempts: 0, live: 0 }), null);
  assert.equal(answerRate({ attempts: 8, live: 2 }), 0.25);
  assert.equal(linesPer(3, 0), 3);
  assert.equal(linesPer(3, 0.4), 3);
  assert.equal(linesPer(3, 2), 1.5);
});

test("what is at stake are campaigns not yet stopped and everybody in flight", () => {
  const campaigns = [{ running: "running", ringing: 2, waiting: 1 },
    { running: "stopped", ringing: 1, waiting: 0 }, { running: "paused", ringing: 0, waiting: 0 }];
  assert.deepEqual(atStake(campaigns), { going: 2, ringing: 3, waiting: 1 });
});

test("a draining campaign is quiet when no line and no seat at work is left", () => {
  assert.equal(isQuiet({ lines: 0, seats: { available: 2, away: 1 } }), true);
  assert.equal(isQuiet({ lines: 1, seats: {} }), false);
  assert.equal(isQuiet({ lines: 0, seats: { wrap_up: 1 } }), false);
});
