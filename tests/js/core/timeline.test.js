import assert from "node:assert/strict";
import test from "node:test";
import { timelineOf } from "../../../agent_desk/static/js/core/timeline.js";

const WITHHELD = { history: null, promises: null, notes: null, messages: null };
const day = (n) => `2026-11-0${n}T03:00:00+00:00`;
const told = (record) => timelineOf(record).map(({ kind, at }) => [kind, at]);

test("what is withheld, and nothing at all, are no lines", () => {
  assert.deepEqual(timelineOf(WITHHELD), []);
  assert.deepEqual(timelineOf({ history: [], promises: [], notes: [], messages: [] }), []);
});

test("calls, promises, notes and messages stand in one line, newest first", () => {
  const record = {
    history: [{ at: day(1), outcome: "talked" }, { at: day(5), outcome: "busy" }],
    promises: [{ made_at: day(2), state: "open" }],
    notes: [{ at: day(4), text: "給料日は25日" }],
    messages: [{ at: day(3) }],
  };
  assert.deepEqual(told(record), [
    ["call", day(5)], ["note", day(4)], ["message", day(3)], ["promise", day(2)], ["call", day(1)],
  ]);
  assert.equal(timelineOf(record)[1].text, "給料日は25日", "what a row says stays with it");
});

test("a promise that came to an end is told of twice: when made and when it ended", () => {
  for (const state of ["kept", "broken", "withdrawn"]) {
    const promises = [{ made_at: day(1), ended_at: day(6), state, amount_yen: 5000 }];
    const rows = timelineOf({ ...WITHHELD, promises });
    assert.deepEqual(rows.map(({ kind, at }) => [kind, at]),
      [["promise_end", day(6)], ["promise", day(1)]]);
    assert.deepEqual(rows.map((row) => [row.state, row.amount_yen]), [[state, 5000], [state, 5000]]);
  }
});

test("a promise that goes on, or whose end nobody knows, has no end in the line", () => {
  const promises = [
    { made_at: day(1), ended_at: null, state: "open" },
    { made_at: day(2), ended_at: day(3), state: "open" },
    { made_at: day(4), ended_at: null, state: "broken" },
  ];
  assert.deepEqual(told({ ...WITHHELD, promises }),
    [["promise", day(4)], ["promise", day(2)], ["promise", day(1)]]);
});

test("instants are ordered by when they were, whatever their zone is written as", () => {
  const history = [{ at: "2026-11-22T09:00:00+09:00" }, { at: "2026-11-22T00:30:00Z" }];
  assert.deepEqual(told({ ...WITHHELD, history }).map(([, at]) => at),
    ["2026-11-22T00:30:00Z", "2026-11-22T09:00:00+09:00"]);
});

test("the record is left as it was", () => {
  const record = { ...WITHHELD, notes: [{ at: day(1) }, { at: day(2) }] };
  const before = structuredClone(record);
  timelineOf(record);
  assert.deepEqual(record, before);
});
