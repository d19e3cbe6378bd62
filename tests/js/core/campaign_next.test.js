import assert from "node:assert/strict";
import test from "node:test";
import { nextMove } from "../../../agent_desk/static/js/core/campaign_next.js";
import { shares, together } from "../../../agent_desk/static/js/core/list_progress.js";

const campaign = (more, pacing = {}) => ({ running: "running", mode: "ratio", ratio: 2.5,
  why: { code: "" }, ...more, pacing: { lines: 0, idle: 3, expected_free: null, ...pacing } });
function told(...given) {
  const { code, params } = nextMove(campaign(...given));
  return [code, params.aim, params.n];
}

test("a fixed ratio goes by idle seats, rounded half up as the pacer does", () => {
  assert.deepEqual(told({}, { lines: 6 }), ["room", 8, 2]);
  assert.deepEqual(told({}, { lines: 8 }), ["full", 8, 0]);
  assert.deepEqual(told({ mode: "progressive" }, { lines: 1 }), ["room", 3, 2]);
});

test("with no idle seat it is told what the next one brings", () => {
  assert.equal(nextMove(campaign({}, { idle: 0 })).params.n, 3);
  assert.equal(nextMove(campaign({ mode: "progressive" }, { idle: 0 })).params.n, 1);
});

test("predictive dialing goes by seats expected free, at least one, within its cap", () => {
  const predictive = { mode: "predictive", ratio: 2 };
  assert.deepEqual(told(predictive, { lines: 4, expected_free: 3.2 }), ["ahead", 6, 2]);
  assert.deepEqual(told(predictive, { lines: 7, expected_free: 3.2 }), ["ahead_full", 6, 0]);
  assert.deepEqual(told(predictive, { lines: 0, idle: 0, expected_free: 0.1 }), ["ahead", 2, 2]);
});

test("while nobody may be called ahead there is one line for each idle seat", () => {
  for (const code of ["few-seats", "budget-spent", "no-safe-harbour", "others-care"]) {
    assert.deepEqual(told({ why: { code } }, { lines: 1 }), ["room", 3, 2], code);
    assert.deepEqual(told({ mode: "predictive", why: { code } }, { lines: 3, expected_free: 3 }),
      ["full", 3, 0], code);
  }
});

test("what does not dial does nothing next, and operators set the pace of previews", () => {
  for (const running of ["paused", "draining", "stopped"]) {
    assert.equal(nextMove(campaign({ running })), null);
  }
  assert.equal(nextMove(campaign({ why: { code: "outside-hours" } })), null);
  assert.equal(nextMove({ ...campaign({}), pacing: null }), null);
  assert.equal(nextMove({ ...campaign({ mode: "preview" }), pacing: null }).code, "preview");
});

test("lists come to shares, and several to one", () => {
  assert.deepEqual(shares({ entries: 10, tried: 6, finished: 4 }), { finished: 0.4, tried: 0.2 });
  assert.deepEqual(shares({ entries: 10, tried: 1, finished: 4 }), { finished: 0.4, tried: 0 });
  assert.equal(shares({ entries: 0, tried: 0, finished: 0 }), null);
  const two = [{ entries: 10, tried: 6, finished: 4 }, { entries: 30, tried: 0, finished: 0 }];
  assert.deepEqual(together(two), { entries: 40, tried: 6, finished: 4 });
  assert.equal(shares(together([])), null);
});
