import assert from "node:assert/strict";
import test from "node:test";

import { AlertSound, QUIET_MS } from "../../../agent_desk/static/js/core/alert_sound.js";

function scene({ on = true } = {}) {
  const kept = new Map(), clock = { ms: 0 };
  const storage = {
    getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value),
  };
  const sound = new AlertSound({ storage, now: () => clock.ms });
  if (on) sound.on = true;
  return { sound, clock, storage };
}
const urgent = [{ id: "a", level: "urgent" }], mild = [{ id: "b", level: "attention" }];

test("nothing sounds where nobody asked for it, and the wish is kept by the browser", () => {
  const { sound, clock, storage } = scene({ on: false });
  assert.equal(sound.on, false);
  assert.equal(sound.rings(urgent), false);
  sound.on = true;
  assert.equal(new AlertSound({ storage, now: () => clock.ms }).on, true);
  sound.on = false;
  assert.equal(sound.rings(urgent), false);
});

test("only urgent news is heard", () => {
  const { sound } = scene();
  assert.equal(sound.rings([]), false);
  assert.equal(sound.rings(mild), false);
  assert.equal(sound.rings([...mild, ...urgent]), true);
});

test("a crowd of alerts is one sound, and the next is heard after a pause", () => {
  const { sound, clock } = scene();
  assert.equal(sound.rings(urgent), true);
  clock.ms = QUIET_MS - 1;
  assert.equal(sound.rings(urgent), false);
  clock.ms = QUIET_MS;
  assert.equal(sound.rings(urgent), true);
});
