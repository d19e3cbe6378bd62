import assert from "node:assert/strict";
import { test } from "node:test";

import {
  choiceOf, newestFirst, receiptsInOrder, receiptState,
} from "../../../agent_desk/static/js/core/message_receipts.js";

const at = "2026-11-23T01:00:00+00:00";
const person = (name, { here = true, delivered = null, acknowledged = null } = {}) =>
  ({ name, here, delivered_at: delivered, acknowledged_at: acknowledged });

test("who acknowledged has, wherever they are now", () => {
  assert.equal(receiptState(person("a", { here: false, acknowledged: at })), "acknowledged");
  assert.equal(receiptState(person("a", { here: false, delivered: at })), "absent");
  assert.equal(receiptState(person("a", { delivered: at })), "delivered");
  assert.equal(receiptState(person("a")), "waiting");
});

test("those who still have to be asked come first", () => {
  const people = [
    person("d", { acknowledged: at }), person("c", { here: false }), person("b"),
    person("a", { delivered: at }),
  ];
  assert.deepEqual(receiptsInOrder(people).map(({ name }) => name), ["a", "b", "c", "d"]);
});

test("the newest message is on top", () => {
  const messages = { x: { id: "x", at }, y: { id: "y", at: "2026-11-23T11:00:00+09:00" } };
  assert.deepEqual(newestFirst(messages).map(({ id }) => id), ["y", "x"]);
});

test("a choice names one scope or none", () => {
  assert.deepEqual(choiceOf("all"), {});
  assert.deepEqual(choiceOf("team_id:3"), { team_id: 3 });
  assert.deepEqual(choiceOf("campaign_id:1"), { campaign_id: 1 });
});
