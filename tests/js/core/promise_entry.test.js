import assert from "node:assert/strict";
import test from "node:test";
import { commonDates, judgePromise }
  from "../../../agent_desk/static/js/core/promise_entry.js";

const rules = { today: "2026-11-22", maxDays: 30 };
const judge = (dueOn, amount = "") => judgePromise({ dueOn, amount }, rules);

test("a date within the limit may be promised, with or without an amount", () => {
  assert.deepEqual(judge("2026-11-30", "１２，０００"),
    { dueOn: "2026-11-30", amountYen: 12000, problem: null });
  assert.deepEqual(judge("2026-11-22"), { dueOn: "2026-11-22", amountYen: null, problem: null });
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
