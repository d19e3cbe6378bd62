import assert from "node:assert/strict";
import test from "node:test";
import { LocalStore } from "../../agent_desk/static/js/core/store.js";
import { Readiness } from "../../agent_desk/static/js/desk_readiness.js";
import { Refused } from "../../agent_desk/static/js/link/commands.js";

const voice = { flowing: true, heardS: 1, levelDbfs: -30 };
const silence = { flowing: true, heardS: 1, levelDbfs: -90 };
const settle = () => new Promise((resolve) => { setImmediate(resolve); });

function seatAt({ checked = false, refusals = [] } = {}) {
  const seat = { state: "starting", checked };
  const sent = [];
  const said = [];
  const commands = {
    async send(event) {
      sent.push(event);
      if (event === "go_available" && refusals.length) throw new Refused({ id: refusals.shift() });
      if (event === "device_passed") seat.checked = true;
      return { ok: true };
    },
  };
  const local = new LocalStore({ wantsAvailable: false, hint: null });
  const readiness = new Readiness({
    commands, local, seat: () => seat, refuse: (error) => said.push(error.id) });
  const hear = async (...samples) => {
    for (const sample of samples) {
      readiness.observe(sample, { sending: true });
      await settle();
    }
  };
  return { readiness, hear, local, sent, said };
}

test("a voice passes the check without a click", async () => {
  const { hear, sent } = seatAt();
  await hear(silence, voice, voice);
  assert.deepEqual(sent, ["device_passed"]);
});

test("待機 pressed too early is carried out when the check has passed", async () => {
  const { readiness, hear, local, sent } = seatAt();
  readiness.wantAvailable(true);
  assert.equal(local.state.hint, "device.checking");
  await hear(silence, voice);
  assert.deepEqual(sent, ["device_passed", "go_available"]);
  assert.deepEqual(local.state, { wantsAvailable: false, hint: null });
});

test("a silent microphone needs the operator's word", async () => {
  const { readiness, hear, local, sent } = seatAt();
  await hear(silence, silence, silence);
  readiness.wantAvailable(true);
  assert.equal(local.state.hint, "device.press_again");
  assert.deepEqual(sent, []);
  readiness.wantAvailable(true);
  await settle();
  assert.deepEqual(sent, ["device_passed", "go_available"]);
});

test("without a microphone the hint says so", () => {
  const { readiness, local } = seatAt();
  readiness.wantAvailable(false);
  assert.equal(local.state.hint, "device.no_microphone");
});

test("a refusal that a moment heals is asked again with the next sample", async () => {
  const { readiness, hear, sent, said } = seatAt({ checked: true, refusals: ["media-down"] });
  readiness.wantAvailable(true);
  await settle();
  await hear(silence);
  assert.deepEqual(sent, ["go_available", "go_available"]);
  assert.deepEqual(said, []);
});

test("any other refusal is said once and not repeated", async () => {
  const { readiness, hear, sent, said } = seatAt({ checked: true, refusals: ["result-missing"] });
  readiness.wantAvailable(true);
  await settle();
  await hear(silence);
  assert.deepEqual(sent, ["go_available"]);
  assert.deepEqual(said, ["result-missing"]);
});

test("what does not heal is given up and said", async () => {
  const refusals = Array(30).fill("media-down");
  const { readiness, hear, said, local } = seatAt({ checked: true, refusals });
  readiness.wantAvailable(true);
  await settle();
  await hear(...Array(25).fill(silence));
  assert.deepEqual(said, ["media-down"]);
  assert.equal(local.state.wantsAvailable, false);
});

test("while the microphone is not on the line nothing is concluded from it", async () => {
  const { readiness, sent } = seatAt();
  readiness.observe(voice, { sending: false });
  await settle();
  assert.deepEqual(sent, []);
});
