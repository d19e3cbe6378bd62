import assert from "node:assert/strict";
import test from "node:test";

import { NO_FILTERS } from "../../../agent_desk/static/js/core/floor_filters.js";
import { beginning, FIRST_LOOK, readLook, sameLook }
  from "../../../agent_desk/static/js/core/floor_look.js";
import { FIRST_SORT } from "../../../agent_desk/static/js/core/floor_table.js";

const LAYOUTS = ["tiles", "table", "plan"];
const LEAD = { owner: "lead1", layouts: LAYOUTS };
const SORT = [{ by: "team", down: true }];
const VIEW = {
  id: 7, name: "朝礼", opens: true, layout: "table", sort: SORT,
  filters: { ...NO_FILTERS, team: 2 },
};

test("a look is read as far as it is understood", () => {
  assert.deepEqual(readLook({ layout: "list", filters: 1, sort: [] }, LAYOUTS),
    { filters: NO_FILTERS, sort: [] });
  assert.deepEqual(readLook(VIEW, LAYOUTS), {
    layout: "table", filters: { ...NO_FILTERS, team: 2 }, sort: SORT,
  });
  assert.deepEqual(readLook(null, LAYOUTS), { filters: NO_FILTERS, sort: FIRST_SORT });
});

test("looks are the same when they show the same", () => {
  const { layout, filters, sort } = VIEW;
  assert.ok(sameLook({ view: 1, sort, filters, layout }, VIEW));
  assert.ok(sameLook({ ...VIEW, filters: { ...filters, states: ["hold", "talking"] } },
    { ...VIEW, filters: { ...filters, states: ["talking", "hold"] } }));
  assert.ok(!sameLook({ ...VIEW, layout: "plan" }, VIEW));
  assert.ok(!sameLook({ ...VIEW, sort: [] }, VIEW));
  assert.ok(!sameLook({ ...VIEW, filters: NO_FILTERS }, VIEW));
});

test("a page begins with the view that opens, where there is one", () => {
  assert.equal(beginning(null, [], LEAD), null);
  assert.equal(beginning(null, [{ ...VIEW, opens: false }], LEAD), null);
  assert.deepEqual(beginning(null, [{ ...VIEW, id: 1, opens: false }, VIEW], LEAD), {
    layout: "table", filters: VIEW.filters, sort: SORT, view: 7,
  });
});

test("a page that is loaded again shows what this tab showed, and of nobody else", () => {
  const last = { owner: "lead1", layout: "plan", ...FIRST_LOOK, view: 7 };
  assert.deepEqual(beginning(last, [VIEW], LEAD), { layout: "plan", ...FIRST_LOOK, view: 7 });
  assert.equal(beginning(last, [], LEAD).view, null, "it was deleted meanwhile");
  assert.equal(beginning({ ...last, owner: "lead2" }, [], LEAD), null);
});
