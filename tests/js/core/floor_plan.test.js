import assert from "node:assert/strict";
import test from "node:test";

import {
  atDesks, deskAt, firstFree, overruled, stepped, unplaced,
} from "../../../agent_desk/static/js/core/floor_plan.js";

const ROOM = { id: 1, rows: 3, columns: 4 };
const BOX = { left: 100, top: 50, width: 400, height: 300 };

test("a point is over a desk, or beside the room", () => {
  assert.deepEqual(deskAt(BOX, ROOM, 101, 51), { row: 1, column: 1 });
  assert.deepEqual(deskAt(BOX, ROOM, 499, 349), { row: 3, column: 4 });
  assert.deepEqual(deskAt(BOX, ROOM, 250, 160), { row: 2, column: 2 });
  for (const [x, y] of [[99, 60], [500, 60], [200, 49], [200, 350]]) {
    assert.equal(deskAt(BOX, ROOM, x, y), null);
  }
});

test("an arrow goes one desk further and not through the wall", () => {
  const place = { room: 1, row: 2, column: 4 };
  assert.deepEqual(stepped(place, "ArrowUp", ROOM), { ...place, row: 1 });
  assert.deepEqual(stepped(place, "ArrowDown", ROOM), { ...place, row: 3 });
  assert.deepEqual(stepped(place, "ArrowLeft", ROOM), { ...place, column: 3 });
  assert.deepEqual(stepped(place, "ArrowRight", ROOM), place);
  assert.equal(stepped(place, "Tab", ROOM), null);
});

test("the first free desk is found row by row", () => {
  assert.deepEqual(firstFree(ROOM, []), { room: 1, row: 1, column: 1 });
  const taken = [1, 2, 3, 4].map((column) => ({ room: 1, row: 1, column }));
  assert.deepEqual(firstFree(ROOM, [...taken, { room: 2, row: 2, column: 1 }]),
    { room: 1, row: 2, column: 1 });
  const small = { id: 1, rows: 1, columns: 1 };
  assert.deepEqual(firstFree(small, taken), { room: 1, row: 1, column: 1 });
});

test("of those who share a desk the ones who are there are drawn, beside each other", () => {
  const at = (row, column, name, room = 1) => ({ room, row, column, name });
  const places = {
    early: at(2, 1, "早番"), late: at(2, 1, "遅番"), third: at(2, 1, "三番"),
    off: at(1, 2, "休み"), away: at(1, 1, "別室", 2),
  };
  const seats = { early: { id: "early" }, third: { id: "third" } };
  const drawn = atDesks(1, places, seats).map(({ id, nth, share, seat }) =>
    [id, nth, share, seat !== null]);
  assert.deepEqual(drawn, [["off", 0, 1, false], ["early", 0, 2, true], ["third", 1, 2, true]]);
});

test("who has no place is found by name", () => {
  const seats = { b: { id: "b", name: "い" }, a: { id: "a", name: "あ" }, c: { id: "c", name: "う" } };
  assert.deepEqual(unplaced({ c: {} }, seats).map(({ id }) => id), ["a", "b"]);
});

test("a place somebody else set anew is no longer one's own word", () => {
  const places = { a: { by: "lead1" }, b: { by: "lead2" } };
  assert.deepEqual(overruled(new Set(["a", "b", "gone"]), places, "lead1"), ["b"]);
});
