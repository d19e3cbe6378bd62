import assert from "node:assert/strict";
import test from "node:test";

import {
  barsOf, codeOf, columnsOf, FIRST_SORT, held, MOST_KEYS, pressed, readSort, sorted, statusCount,
  statusesOf,
} from "../../../agent_desk/static/js/core/floor_table.js";

const NOW = Date.parse("2026-11-24T03:00:00Z");
const CAMPAIGNS = {
  1: { statuses: [{ code: "contact", label: "接触" }, { code: "valid", label: "有効" }] },
  2: { statuses: [{ code: "contact", label: "接触" }, { code: "sold", label: "成約" }] },
};
const seat = (id, more = {}) => ({
  id, name: id, team: "", team_id: null, state: "available", since: "2026-11-24T02:50:00Z",
  campaign_id: 1, campaign: "A", customer: null, calls: 0, codes: {}, promises: 0, idle_s: 0,
  wrap_avg_s: null, quality: {}, hand: null, supervised_by: [], skills: [], ...more,
});
const order = (seats, keys, levels = new Map()) =>
  sorted(seats, keys, { levels, campaigns: CAMPAIGNS, nowMs: NOW }).map(({ id }) => id).join("");
const by = (...keys) => keys.map((key) => ({ by: key.replace("-", ""), down: key[0] === "-" }));

test("rows stand by several keys, each settling what those before leave equal", () => {
  const seats = [seat("a", { team: "二", calls: 3 }), seat("b", { team: "一", calls: 1 }),
    seat("c", { team: "二", calls: 9 }), seat("d", { team: "一", calls: 5 })];
  assert.equal(order(seats, by("team", "calls")), "bdac");
  assert.equal(order(seats, by("team", "-calls")), "dbca");
  assert.equal(order(seats, by("-team", "-calls")), "cadb");
  assert.equal(order(seats, by("-calls")), "cdab");
});

test("what is left equal stands by the time in the state, then by the user name", () => {
  const seats = [seat("b"), seat("a"), seat("c", { since: "2026-11-24T01:00:00Z" })];
  assert.equal(order(seats, []), "cab");
  assert.equal(order(seats, by("calls")), "cab");
  assert.equal(order(seats, by("-calls")), "cab");
});

test("at first the rows stand as the tiles do: those in a talk first, the longest before", () => {
  const seats = [seat("a"), seat("b", { state: "talking" }),
    seat("c", { state: "talking", since: "2026-11-24T02:00:00Z" }), seat("d", { state: "away" })];
  assert.equal(order(seats, FIRST_SORT), "cbad");
});

test("who has no such thing comes last in either direction", () => {
  const seats = [seat("a"), seat("b", { wrap_avg_s: 10 }), seat("c", { wrap_avg_s: 30 })];
  assert.equal(order(seats, by("wrap")), "bca");
  assert.equal(order(seats, by("-wrap")), "cba");
});

test("each column has its order", () => {
  const pairs = {
    "name": [{ name: "席10" }, { name: "席9" }],
    "state": [{ state: "away" }, { state: "talking" }],
    "time": [{ since: "2026-11-24T02:00:00Z" }, { since: "2026-11-24T02:59:00Z" }],
    "customer": [{}, { customer: { name: "山••", number: "••12" } }],
    "campaign": [{ campaign: "B" }, { campaign: "A" }],
    "team": [{ team: "" }, { team: "第1" }],
    "calls": [{ calls: 2 }, { calls: 1 }],
    "code:contact": [{ codes: { contact: 2 } }, {}],
    "code:sold": [{}, { campaign_id: 2 }],
    "promises": [{ promises: 1 }, {}],
    "wrap": [{ wrap_avg_s: 2 }, { wrap_avg_s: 1 }],
    "idle": [{ since: "2026-11-24T02:00:00Z" }, { since: "2026-11-24T02:59:00Z" }],
    "bars": [{ state: "talking", quality: { bars: 5 } },
      { state: "talking", quality: { bars: 2 } }],
    "hand": [{}, { hand: { reason: "help" } }],
    "by": [{}, { supervised_by: [{ name: "主任" }] }],
    "skills": [{}, { skills: ["english"] }],
    "alert": [{}, { alerted: true }],
  };
  const columns = columnsOf(CAMPAIGNS);
  assert.deepEqual(Object.keys(pairs).sort(), columns.filter((id) => id !== "code:valid").sort());
  for (const [column, [late, early]] of Object.entries(pairs)) {
    const seats = [seat("a", late), seat("b", early)];
    const levels = new Map(early.alerted ? [["b", "attention"]] : []);
    assert.equal(order(seats, by(column), levels), "ba", column);
  }
});

test("urgent alerts come before the others", () => {
  const levels = new Map([["a", "attention"], ["b", "urgent"]]);
  assert.equal(order([seat("a"), seat("b"), seat("c")], by("alert"), levels), "bac");
});

test("a name that was never seen finds its place among the others", () => {
  const names = [seat("a", { name: "い" }), seat("b", { name: "う" })];
  assert.equal(order(names, by("name")), "ab");
  assert.equal(order([...names, seat("c", { name: "あ" })], by("name")), "cab");
});

test("a heading makes its column the only key and turns it round", () => {
  const once = pressed(FIRST_SORT, "team", false);
  assert.deepEqual(once, by("team"));
  assert.deepEqual(pressed(once, "team", false), by("-team"));
  assert.deepEqual(pressed(by("team", "-calls"), "team", false), by("-team"));
  assert.deepEqual(pressed(by("team", "-calls"), "calls", false), by("-calls"));
  assert.deepEqual(pressed([], "calls", false), by("-calls"), "the most are looked for");
});

test("a further key comes last, turns round and goes", () => {
  const two = pressed(by("team"), "calls", true);
  assert.deepEqual(two, by("team", "-calls"));
  assert.deepEqual(pressed(two, "calls", true), by("team", "calls"));
  assert.deepEqual(pressed(by("team", "calls"), "calls", true), by("team"));
  assert.deepEqual(pressed(by("-team", "calls"), "team", true), by("calls"));
  const all = by("team", "calls", "name", "wrap");
  assert.equal(all.length, MOST_KEYS);
  assert.deepEqual(pressed(all, "state", true), all);
});

test("keys that were kept are read, and what is not understood left out", () => {
  assert.deepEqual(readSort(undefined), FIRST_SORT);
  assert.deepEqual(readSort("team"), FIRST_SORT);
  assert.deepEqual(readSort([]), []);
  assert.deepEqual(readSort([null, 1, { by: "constructor" }, { by: "team", down: "yes" },
    { by: "team", down: true }, { by: "code:x", down: true }]), by("team", "-code:x"));
  const many = columnsOf(CAMPAIGNS).map((column) => ({ by: column, down: false }));
  assert.equal(readSort(many).length, MOST_KEYS);
});

test("statuses of all campaigns are columns, each once", () => {
  assert.deepEqual(statusesOf(CAMPAIGNS).map(({ label }) => label), ["接触", "有効", "成約"]);
  assert.ok(columnsOf(CAMPAIGNS).includes("code:sold"));
  assert.equal(codeOf("code:sold"), "sold");
  assert.equal(codeOf("calls"), null);
  const one = seat("a", { codes: { contact: 4, sold: 1 } });
  assert.equal(statusCount(one, "contact", CAMPAIGNS), 4);
  assert.equal(statusCount(one, "valid", CAMPAIGNS), 0);
  assert.equal(statusCount(one, "sold", CAMPAIGNS), null, "its campaign has no such status");
  assert.equal(statusCount(one, "sold", {}), null);
});

test("a line has bars in a talk and once it was measured", () => {
  assert.equal(barsOf(seat("a", { state: "hold", quality: { bars: 3 } })), 3);
  assert.equal(barsOf(seat("a", { state: "talking", quality: { bars: 0 } })), null);
  assert.equal(barsOf(seat("a", { state: "wrap_up", quality: { bars: 3 } })), null);
});

test("while somebody is at a row nothing moves or goes, and who is new comes last", () => {
  assert.deepEqual(held(["b", "a", "gone"], ["a", "new", "b"]), ["b", "a", "gone", "new"]);
  assert.deepEqual(held([], ["a"]), ["a"]);
});
