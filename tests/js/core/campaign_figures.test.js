import assert from "node:assert/strict";
import test from "node:test";
import {
  answerRate, atStake, budget, linesPer,
} from "../../../agent_desk/static/js/core/campaign_figures.js";

test("the budget says how much of the target is used and how many more it allows", () => {
  const half = budget({ live: 200, abandoned: 1 }, 0.01);
  assert.deepEqual([half.rate, half.used, half.left, half.level], [0.005, 0.5, 1, "ok"]);
  const near = budget({ live: 1000, abandoned: 8 }, 0.01);
  assert.deepEqual([near.left, near.level], [2, "near"]);
  assert.equal(budget({ live: 100, abandoned: 1 }, 0.01).level, "near", "at the target, not over");
  assert.deepEqual([budget({ live: 100, abandoned: 2 }, 0.01).level,
    budget({ live: 100, abandoned: 2 }, 0.01).left], ["over", 0]);
});

test("as many as are said to be left may be abandoned, and not one more", () => {
  for (const target of [0.005, 0.01, 0.02, 0.03]) {
    for (let live = 1; live < 900; live += 37) {
      for (const abandoned of [0, 1, 3].filter((n) => n <= live)) {
        const { left, rate } = budget({ live, abandoned }, target);
        const after = (n) => (abandoned + n) / (live + n);
        if (left > 0) assert.ok(after(left) <= target + 1e-9);
        assert.ok(after(left + 1) > target || rate > target);
      }
    }
  }
});

test("three per cent is spent, whatever the target is; nobody answered is nothing yet", () => {
  assert.equal(budget({ live: 100, abandoned: 3 }, 0.03).level, "spent");
  assert.equal(budget({ live: 1000, abandoned: 29 }, 0.03).level, "near");
  const none = budget({ live: 0, abandoned: 0 }, 0.01);
  assert.deepEqual([none.rate, none.used, none.left, none.level], [null, null, 0, "none"]);
  assert.equal(budget({ live: 50, abandoned: 0 }, 0).level, "ok");
  assert.equal(budget({ live: 50, abandoned: 1 }, 0).level, "over");
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
