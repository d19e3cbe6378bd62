import assert from "node:assert/strict";
import { test } from "node:test";

import {
  budgetState, campaignsInOrder, onPage, pagesOf, percent, seatFigures,
} from "../../../agent_desk/static/js/core/wallboard.js";

const campaign = (id, name, running = "running") => ({ id, name, running });

test("what runs comes first, then by name", () => {
  const rows = campaignsInOrder({
    1: campaign(1, "い", "stopped"), 2: campaign(2, "う"), 3: campaign(3, "あ"),
  });
  assert.deepEqual(rows.map(({ id }) => id), [3, 2, 1]);
});

test("four to a page, and a page that is gone is the first", () => {
  const rows = [1, 2, 3, 4, 5].map((id) => campaign(id, String(id)));
  assert.equal(pagesOf(0), 1);
  assert.equal(pagesOf(4), 1);
  assert.equal(pagesOf(5), 2);
  assert.deepEqual(onPage(rows, 1).map(({ id }) => id), [5]);
  assert.equal(onPage(rows, 7).length, 4);
});

test("a share of nothing is none", () => {
  assert.equal(percent(0, 0), null);
  assert.equal(percent(1, 3), "33.3");
});

test("the budget is kept at the target and missed above it", () => {
  assert.equal(budgetState({ live: 0, abandoned: 0, target: 0.01 }), "none");
  assert.equal(budgetState({ live: 100, abandoned: 1, target: 0.01 }), "within");
  assert.equal(budgetState({ live: 100, abandoned: 2, target: 0.01 }), "over");
});

test("every seat is in one of four figures", () => {
  const seats = {
    available: 1, reserved: 1, talking: 2, hold: 1, wrap_up: 4, away: 1, starting: 2,
  };
  assert.deepEqual(seatFigures(seats), { available: 2, talking: 3, wrap_up: 4, away: 3 });
});
