import assert from "node:assert/strict";
import test from "node:test";

import { keptViews, NotKept } from "../../../agent_desk/static/js/link/floor_views.js";

function desk(answer) {
  const asked = [];
  const fetch = async (path, { method, headers, body }) => {
    asked.push([method, path, headers["X-CSRFToken"], JSON.parse(body)]);
    return answer();
  };
  return { asked, kept: keptViews({ csrf: "token", fetch }) };
}

const said = (status, body) => () => new Response(JSON.stringify(body), { status });

test("views are added, changed and removed, and all there are come back", async () => {
  const { asked, kept } = desk(said(200, [{ id: 1 }]));
  assert.deepEqual(await kept.add({ name: "朝" }), [{ id: 1 }]);
  await kept.change(1, { name: "夕" });
  await kept.remove(1);
  assert.deepEqual(asked, [
    ["POST", "/floor/views", "token", { name: "朝" }],
    ["POST", "/floor/views/1", "token", { name: "夕" }],
    ["POST", "/floor/views/1/remove", "token", {}],
  ]);
});

test("a refusal says why, and silence that it is not known", async () => {
  const refusal = { error_id: "floor-view-many", details: { most: 20 } };
  const error = { id: "floor-view-many", details: { most: 20 } };
  await assert.rejects(desk(said(409, refusal)).kept.add({}), (caught) => {
    assert.deepEqual(caught.error, error);
    return caught instanceof NotKept;
  });
  const silent = [
    said(502, "no JSON of ours"), () => { throw new TypeError("no network"); },
    () => new Response("<html>", { status: 500 }),
  ];
  for (const answer of silent) {
    await assert.rejects(desk(answer).kept.remove(1), ({ error: { id } }) => id === "unexpected");
  }
});
