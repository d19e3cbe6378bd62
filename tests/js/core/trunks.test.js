import assert from "node:assert/strict";
import test from "node:test";
import { trunkReason, trunksDown } from "../../../agent_desk/static/js/core/trunks.js";

const gateway = (up, down, linked = true) => ({ linked, trunks_up: up, trunks_down: down });
const t = (id, params = {}) => [id, ...Object.values(params)].join(" ");

test("a trunk is down when no linked gateway can use it", () => {
  const why = "name not found: sip.example";
  assert.deepEqual(trunksDown({ gw1: gateway(["a"], { b: why }), gw2: gateway([], { a: "x" }) }),
    [{ names: ["b"], reason: why }]);
  assert.deepEqual(trunksDown({ gw1: gateway([], { a: why }, false) }), []);
  assert.deepEqual(trunksDown({ gw1: gateway([], { b: why, a: why }) }),
    [{ names: ["a", "b"], reason: why }]);
});

test("why is said in people's words where there are some", () => {
  assert.equal(trunkReason(t, "name not found: sip.example"),
    "floor.trunk.name_not_found sip.example");
  assert.equal(trunkReason(t, "spend_cap"), "floor.trunk.spend_cap");
  assert.equal(trunkReason(t, ""), "floor.trunk.unknown");
  assert.equal(trunkReason(t, "not registered: the registrar said 403"),
    "not registered: the registrar said 403");
});
