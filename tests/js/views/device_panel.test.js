import assert from "node:assert/strict";
import test from "node:test";
import { zoneOf } from "../../../agent_desk/static/js/views/device_panel.js";

test("a level is a word as well as a bar", () => {
  const zones = [null, -70, -50, -26, -10, -3].map(zoneOf);
  assert.deepEqual(zones, ["silent", "silent", "quiet", "good", "good", "loud"]);
});
