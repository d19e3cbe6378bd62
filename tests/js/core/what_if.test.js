import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { whatIf } from "../../../agent_desk/static/js/core/what_if.js";

const CASES = JSON.parse(readFileSync(new URL("../../fixtures/what_if.json", import.meta.url)));

test("B32 the browser's arithmetic is the server's", () => {
  assert.ok(CASES.length > 5);
  for (const { tried, ...wanted } of CASES) {
    const found = whatIf({
      calls: tried.calls,
      hits: tried.hits,
      callsPercent: tried.calls_percent,
      ratePoints: tried.rate_points,
    });
    for (const [name, value] of Object.entries(wanted)) {
      const told = found[name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase())];
      if (value === null) assert.equal(told, null, name);
      else assert.ok(Math.abs(told - value) < 1e-9, `${name}: ${told} for ${value}`);
    }
  }
});
