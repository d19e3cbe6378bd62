import assert from "node:assert/strict";
import { test } from "node:test";

import { reportJob } from "../../../agent_desk/static/js/views/report_job.js";

/** A page with a job on its way, and what its script asked for. */
function scene(answers) {
  const parts = { "job-share": { value: 0 }, "job-words": { textContent: "" } };
  const find = (root) => (selector) => root[selector.match(/data-part="([^"]+)"/)[1]] ?? null;
  const box = { dataset: { job: "j1", state: "waiting" }, querySelector: find(parts) };
  const asked = [];
  const waiting = [];
  let reloads = 0;
  reportJob({ querySelector: find({ "report-job": box }) }, {
    fetch: async (address) => {
      asked.push(address);
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      return { ok: answer !== null, json: async () => answer };
    },
    later: (work) => waiting.push(work),
    reload: () => { reloads += 1; },
  });
  return { box, parts, asked, waiting, turn: () => waiting.shift()(), reloads: () => reloads };
}

test("how far it is follows what the desk says", async () => {
  const page = scene([{ state: "making", share: 0.5, words: "6/12", over: false }]);
  await page.turn();
  assert.deepEqual(page.asked, ["/reports/jobs/j1/state"]);
  assert.equal(page.parts["job-share"].value, 0.5);
  assert.equal(page.parts["job-words"].textContent, "6/12");
  assert.equal(page.box.dataset.state, "making");
  assert.equal(page.waiting.length, 1, "and is asked again");
});

test("the page is asked for anew when the job is over, or not known any more", async () => {
  for (const answer of [{ state: "done", over: true }, null]) {
    const page = scene([answer]);
    await page.turn();
    assert.equal(page.reloads(), 1);
    assert.equal(page.waiting.length, 0);
  }
});

test("a desk that is away is asked again", async () => {
  const page = scene([new Error("network"), { state: "making", share: 0.1, words: "", over: false }]);
  await page.turn();
  assert.equal(page.box.dataset.state, "away");
  await page.turn();
  assert.equal(page.box.dataset.state, "making");
  assert.equal(page.reloads(), 0);
});

test("a page without a job on its way asks nothing", () => {
  const asked = [];
  reportJob({ querySelector: () => null }, { later: (work) => asked.push(work) });
  assert.deepEqual(asked, []);
});
