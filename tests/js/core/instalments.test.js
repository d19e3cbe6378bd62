import assert from "node:assert/strict";
import test from "node:test";
import { instalments, monthsLater } from "../../../agent_desk/static/js/core/instalments.js";

test("the parts of a plan add up to the yen, whatever it is split into", () => {
  for (const amountYen of [3, 10_000, 12_345, 999_999_999]) {
    for (const count of [2, 3, 6, 12]) {
      if (amountYen < count) continue;
      const parts = instalments({ dueOn: "2026-11-30", amountYen }, count);
      assert.equal(parts.length, count);
      assert.equal(parts.reduce((sum, part) => sum + part.amount_yen, 0), amountYen);
      assert.ok(parts.every((part) => part.amount_yen > 0));
    }
  }
});

test("each part is due on the same day of its month, or the month's last", () => {
  const days = instalments({ dueOn: "2026-12-31", amountYen: 10_000 }, 4);
  assert.deepEqual(days.map((part) => part.due_on),
    ["2026-12-31", "2027-01-31", "2027-02-28", "2027-03-31"]);
  assert.deepEqual(days.map((part) => part.amount_yen), [2500, 2500, 2500, 2500]);
  assert.equal(monthsLater("2026-11-15", 2), "2027-01-15");
});
