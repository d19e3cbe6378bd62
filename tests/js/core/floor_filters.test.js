import assert from "node:assert/strict";
import test from "node:test";

import {
  alertLevels, countFilters, filterSeats, LONGEST_TEXT, MARKS, NO_FILTERS, readFilters, STATES,
  toggled, withoutGone,
} from "../../../agent_desk/static/js/core/floor_filters.js";
import { GROUPS } from "../../../agent_desk/static/js/core/floor_order.js";

const SEATS = [
  { id: "operator1", name: "佐藤 １号", team: "第1", team_id: 1, serves: [1, 3], state: "talking",
    hand: null },
  { id: "operator2", name: "田中", team: null, team_id: null, serves: [2], state: "hold",
    hand: { reason: "help" } },
  { id: "operator3", name: "Suzuki", team: "第1", team_id: 1, serves: [2], state: "away",
    hand: { reason: "help" } },
];
const NONE = new Map();
const found = (asked, levels = NONE) =>
  filterSeats(SEATS, { ...NO_FILTERS, ...asked }, levels).map(({ id }) => id.at(-1)).join("");

test("without filters every seat is found", () => {
  assert.equal(found({}), "123");
});

test("seats are found by team, campaign, state and a part of a name", () => {
  assert.equal(found({ team: 1 }), "13");
  assert.equal(found({ campaign: 2 }), "23");
  assert.equal(found({ states: ["talking", "hold"] }), "12");
  assert.equal(found({ text: " 1号 " }), "1", "whatever width it was typed in");
  assert.equal(found({ text: "OPERATOR2" }), "2");
  assert.equal(found({ text: "ｓｕｚｕ" }), "3");
  assert.equal(found({ text: "第1" }), "13");
});

test("all that is asked for has to hold, of marks and states one each", () => {
  const levels = new Map([["operator1", "urgent"]]);
  assert.equal(found({ marks: ["alert"] }, levels), "1");
  assert.equal(found({ marks: ["hand"] }, levels), "23");
  assert.equal(found({ marks: ["alert", "hand"] }, levels), "123");
  assert.equal(found({ team: 1, marks: ["hand"], campaign: 2, states: ["away"] }, levels), "3");
  assert.equal(found({ team: 1, marks: ["hand"], states: ["talking"] }, levels), "");
});

test("a state is one a live seat has, and no other", () => {
  const live = GROUPS.flatMap(({ states }) => states).filter((state) => state !== "offline");
  assert.deepEqual([...STATES].sort(), live.sort());
});

test("states and marks are put on and off, and stay in their order", () => {
  const first = toggled(toggled(NO_FILTERS, "states", "away"), "states", "talking");
  assert.deepEqual(first.states, ["talking", "away"]);
  assert.deepEqual(toggled(first, "states", "talking").states, ["away"]);
  assert.deepEqual(toggled(first, "marks", "hand").marks, ["hand"]);
  assert.equal(countFilters(toggled({ ...first, team: 1, text: " " }, "marks", "hand")), 4);
  assert.equal(countFilters({ ...NO_FILTERS, campaign: 1, text: "佐" }), 2);
  assert.equal(countFilters(NO_FILTERS), 0);
});

test("whatever was kept is read, and what is not understood left out", () => {
  for (const nothing of [null, undefined, 7, "x", {}, { team: "1", states: "away", marks: [{}] }]) {
    assert.deepEqual(readFilters(nothing), NO_FILTERS);
  }
  assert.deepEqual(readFilters({
    team: 1, campaign: 2, states: ["away", "offline", "hold"], marks: [...MARKS, "x"],
    text: "長".repeat(LONGEST_TEXT + 1), more: true,
  }), { team: 1, campaign: 2, states: ["hold", "away"], marks: MARKS,
    text: "長".repeat(LONGEST_TEXT) });
});

test("a team or campaign that is gone is left out, and that is told", () => {
  const there = { teams: new Set([1]), campaigns: new Set([2]) };
  const fits = { ...NO_FILTERS, team: 1, campaign: 2 };
  assert.deepEqual(withoutGone(fits, there), { filters: fits, gone: [] });
  assert.deepEqual(withoutGone({ ...fits, team: 9, campaign: 9, text: "佐" }, there), {
    filters: { ...NO_FILTERS, text: "佐" }, gone: ["team", "campaign"],
  });
});

test("a seat's alerts are as pressing as the most pressing of them", () => {
  const alerts = { a: { seat: "x", level: "attention" }, b: { seat: "x", level: "urgent" },
    c: { seat: "x", level: "attention" }, d: { seat: "y", level: "attention" } };
  assert.deepEqual([...alertLevels(alerts)], [["x", "urgent"], ["y", "attention"]]);
});
