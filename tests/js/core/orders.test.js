import assert from "node:assert/strict";
import test from "node:test";

import { orderName, orderText } from "../../../agent_desk/static/js/core/orders.js";

const t = (key, params = {}) => [key, ...Object.values(params)].join("|");

test("each order has words of its own", () => {
  assert.equal(orderName(t, { what: "away", reason: "meeting" }), "orders.away_for|away.meeting");
  assert.equal(orderName(t, { what: "work_on", campaigns: ["甲", "乙"] }), "orders.to|甲・乙");
  assert.equal(orderName(t, { what: "logout" }), "orders.short.logout");
});

test("the lead's own words follow, when there are any", () => {
  const order = { what: "logout", by: "佐藤", note: "" };
  assert.equal(orderText(t, "k", order), "k|orders.short.logout|佐藤");
  assert.match(orderText(t, "k", { ...order, note: "会議" }), /^orders\.said\|k.*\|会議$/);
});
