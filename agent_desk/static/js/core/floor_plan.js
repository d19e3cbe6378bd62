/** The geometry of a floor plan: desks of a room, counted from 1; pure. */

const STEPS = {
  ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1],
};

/** The desk under a point, or null beside the room; `box` is where its grid is drawn. */
export function deskAt(box, room, x, y) {
  const column = Math.floor(((x - box.left) / box.width) * room.columns) + 1;
  const row = Math.floor(((y - box.top) / box.height) * room.rows) + 1;
  const inside = row >= 1 && row <= room.rows && column >= 1 && column <= room.columns;
  return inside ? { row, column } : null;
}

/** One desk further by an arrow key, at most to the wall; null for any other key. */
export function stepped(place, key, room) {
  const step = STEPS[key];
  if (!step) return null;
  const within = (value, most) => Math.min(most, Math.max(1, value));
  return {
    ...place,
    row: within(place.row + step[0], room.rows),
    column: within(place.column + step[1], room.columns),
  };
}

/** The first desk nobody has, row by row; the first one of all when each is taken. */
export function firstFree(room, places) {
  const taken = new Set(places.filter((place) => place.room === room.id)
    .map(({ row, column }) => `${row}.${column}`));
  for (let row = 1; row <= room.rows; row += 1) {
    for (let column = 1; column <= room.columns; column += 1) {
      if (!taken.has(`${row}.${column}`)) return { room: room.id, row, column };
    }
  }
  return { room: room.id, row: 1, column: 1 };
}

/**
 * Who is drawn at which desk of a room. Of several who share one, those who are signed in are
 * drawn beside each other (`nth` of `share`), and only if nobody is, the others.
 * @returns {{id: string, name: string, seat: object|null, row: number, column: number,
 *   nth: number, share: number}[]} row by row
 */
export function atDesks(roomId, places, seats) {
  const desks = new Map();
  for (const [id, place] of Object.entries(places)) {
    if (place.room !== roomId) continue;
    const key = `${place.row}.${place.column}`;
    const one = { id, name: place.name, seat: seats[id] ?? null, ...place };
    desks.set(key, [...(desks.get(key) ?? []), one]);
  }
  return [...desks.values()].flatMap((all) => {
    const there = all.filter(({ seat }) => seat !== null);
    const shown = there.length > 0 ? there : all;
    return shown.map((one, nth) => ({ ...one, nth, share: shown.length }));
  }).sort((a, b) => a.row - b.row || a.column - b.column || a.nth - b.nth);
}

/** Live seats without a place on the plan, by name. */
export function unplaced(places, seats) {
  return Object.values(seats).filter(({ id }) => !places[id])
    .sort((a, b) => a.name.localeCompare(b.name, "ja") || a.id.localeCompare(b.id));
}

/** Which of the places this page set were set anew by somebody else since. */
export function overruled(mine, places, me) {
  return [...mine].filter((id) => places[id] && places[id].by !== me);
}
