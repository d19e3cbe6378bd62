import assert from "node:assert/strict";
import test from "node:test";
import { Doing } from "../../../agent_desk/static/js/core/doing.js";

/** A desk whose answers the test gives. */
function desk() {
  const asked = [];
  const doing = new Doing((event, payload) => new Promise((answer) => {
    asked.push({ event, payload, answer });
  }));
  return { asked, doing };
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

test("one place does one thing at a time, another is not held up", async () => {
  const { asked, doing } = desk();
  const first = doing.run("run:1", "Pause", [["set_campaign_running", { running: "paused" }]]);
  assert.equal(doing.under("run:1"), "Pause");
  assert.equal(await doing.run("run:1", "Drain", [["set_campaign_running", {}]]), false);
  doing.run("stop:1", "Stop", [["stop_all", {}]]);
  assert.deepEqual(asked.map(({ event }) => event), ["set_campaign_running", "stop_all"]);
  asked[0].answer(null);
  assert.equal(await first, true);
  assert.equal(doing.under("run:1"), null);
  assert.equal(doing.under("stop:1"), "Stop");
});

test("a refusal is kept where it happened until the next try, and ends what follows it", async () => {
  const { asked, doing } = desk();
  let changes = 0;
  doing.addEventListener("change", () => { changes += 1; });
  const both = doing.run("settings:1", "Apply", [["set_pacing", {}], ["set_screening", {}]]);
  asked[0].answer("Out of range.");
  assert.equal(await both, false);
  assert.equal(asked.length, 1, "what comes after a refusal is not asked");
  assert.equal(doing.refused("settings:1"), "Out of range.");
  assert.equal(changes, 2);
  const again = doing.run("settings:1", "Apply", [["set_pacing", {}], ["set_screening", {}]]);
  assert.equal(doing.refused("settings:1"), null);
  asked[1].answer(null);
  await turn();
  asked[2].answer(null);
  assert.equal(await again, true);
});
