import assert from "node:assert/strict";
import test from "node:test";
import { commonDates, isSamePromise, judgePromise }
  from "../../../agent_desk/static/js/core/promise_entry.js";

const rules = { today: "2026-11-22", maxDays: 30 };
const judge = (dueOn, amount = "") => judgePromise({ dueOn, amount }, rules);

test("a date within the limit may be promised, with or without an amount", () => {
  assert.deepEqual(judge("2026-11-30", "１２，０００"),
    { dueOn: "2026-11-30", amountYen: 12000, method: null, parts: [], problem: null });
  assert.deepEqual(judge("2026-11-22"),
    { dueOn: "2026-11-22", amountYen: null, method: null, parts: [], problem: null });
  assert.equal(judge("2026-12-22").problem, null);
});

test("what may not be promised is named", () => {
  assert.equal(judge("").problem, "date_missing");
  assert.equal(judge("2026-11-21").problem, "date_past");
  assert.equal(judge("2026-12-23").problem, "date_too_far");
  assert.equal(judge("61127-02-02").problem, "date_too_far");
  assert.equal(judge("2026-11-30", "いちまん").problem, "amount_unreadable");
});

test("usual dates are offered once each and within the limit", () => {
  assert.deepEqual(commonDates("2026-11-22", 60).map(({ dueOn }) => dueOn),
    ["2026-11-23", "2026-11-29", "2026-11-30", "2026-12-31"]);
  assert.deepEqual(commonDates("2026-11-29", 30).map(({ id }) => id), ["tomorrow", "in_a_week"]);
  assert.deepEqual(commonDates("2026-11-30", 7).map(({ id }) => id), ["tomorrow", "in_a_week"]);
});

test("a plan needs an amount that can be shared out, and is not the promise without it", () => {
  const typed = (amount, count) =>
    judgePromise({ dueOn: "2026-11-30", amount, count, method: "card" }, rules);
  assert.equal(typed("", 3).problem, "amount_missing");
  assert.equal(typed("2", 3).problem, "amount_missing");
  const plan = typed("10000", 3);
  assert.deepEqual(plan.parts.map((part) => part.amount_yen), [3334, 3333, 3333]);
  const saved = { due_on: "2026-11-30", amount_yen: 10000, method: "card", parts: plan.parts };
  assert.equal(isSamePromise(plan, saved), true);
  assert.equal(isSamePromise(typed("10000", 1), saved), false);
  assert.equal(isSamePromise(plan, { ...saved, method: null }), false);
  assert.equal(isSamePromise(plan, null), false);
});
