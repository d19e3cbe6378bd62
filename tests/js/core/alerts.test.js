import assert from "node:assert/strict";
import test from "node:test";

import { begun, inOrder, ofSeat, unknown } from "../../../agent_desk/static/js/core/alerts.js";

const alert = (id, more = {}) => ({
  id, level: "attention", since: "2026-11-22T03:00:00Z", by: null, ...more,
});
const byId = (...rows) => Object.fromEntries(rows.map((row) => [row.id, row]));

test("what nobody knows of comes first, then what is urgent, then what is old", () => {
  const alerts = byId(
    alert("known", { by: "lead1", level: "urgent" }),
    alert("young", { since: "2026-11-22T03:00:01Z" }),
    alert("b"), alert("a"),
    alert("urgent", { level: "urgent", since: "2026-11-22T03:09:00Z" }),
  );
  assert.deepEqual(inOrder(alerts).map(({ id }) => id), ["urgent", "a", "b", "young", "known"]);
});

test("an alert is news once, and never in the first picture", () => {
  const [a, b] = [alert("a"), alert("b")];
  assert.deepEqual(begun(undefined, byId(a)), []);
  assert.deepEqual(begun(byId(a), byId(a, b)), [b]);
  assert.deepEqual(begun(byId(a, b), byId({ ...a, by: "lead1" }, b)), []);
});

test("what was acknowledged is not counted", () => {
  const alerts = byId(alert("a", { by: "lead1" }), alert("b"));
  assert.deepEqual(unknown(alerts).map(({ id }) => id), ["b"]);
});

test("a seat's own alerts are found, in the order of the list", () => {
  const mine = { seat: "op1" };
  const alerts = byId(
    alert("known", { ...mine, by: "lead1" }), alert("open", mine), alert("other", { seat: "op2" }),
  );
  assert.deepEqual(ofSeat(alerts, "op1").map(({ id }) => id), ["open", "known"]);
  assert.deepEqual(ofSeat(alerts, "op3"), []);
});
