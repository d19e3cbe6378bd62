import assert from "node:assert/strict";
import test from "node:test";

import { LatestFirst } from "../../../agent_desk/static/js/core/latest_first.js";

function held() {
  const asked = [];
  const latest = new LatestFirst((id, wish) => new Promise((resolve) => {
    asked.push({ id, wish, resolve });
  }));
  return { asked, latest };
}

test("of many wishes in quick succession the first and the last are asked for", async () => {
  const { asked, latest } = held();
  const done = latest.want("a", 1);
  latest.want("a", 2);
  latest.want("a", 3);
  assert.equal(latest.wish("a"), 3);
  asked[0].resolve();
  await Promise.resolve();
  assert.deepEqual(asked.map(({ wish }) => wish), [1, 3]);
  asked[1].resolve();
  await done;
  assert.equal(latest.wish("a"), undefined);
  assert.equal(latest.wishes.size, 0);
});

test("one thing does not wait for another", () => {
  const { asked, latest } = held();
  latest.want("a", 1);
  latest.want("b", 2);
  assert.deepEqual(asked.map(({ id }) => id), ["a", "b"]);
});

test("what is wanted again later is asked for again", async () => {
  const { asked, latest } = held();
  const first = latest.want("a", 1);
  asked[0].resolve();
  await first;
  latest.want("a", 1);
  assert.equal(asked.length, 2);
});
