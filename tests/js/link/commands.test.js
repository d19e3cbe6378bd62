import assert from "node:assert/strict";
import test from "node:test";
import { Commands, DURABLE, FLEETING, Refused }
  from "../../../agent_desk/static/js/link/commands.js";
import { FakeStorage, FakeTimers } from "../timers.js";

function desk({ storage = new FakeStorage(), owner = "operator1", up = true } = {}) {
  const sent = [];
  const timers = new FakeTimers();
  let next = 0;
  const commands = new Commands(
    (event, payload, acknowledged) => sent.push({ event, payload, acknowledged }),
    { owner, newId: () => `id${(next += 1)}`, storage, timers });
  if (up) commands.connected();
  return { commands, sent, timers, storage };
}

test("a command carries an id and is answered with its acknowledgement", async () => {
  const { commands, sent } = desk();
  const answer = commands.send("check_identity", { call_id: "c1", answer: "x" });
  assert.deepEqual(sent[0].payload, { call_id: "c1", answer: "x", command_id: "id1" });
  sent[0].acknowledged({ ok: true, matched: false });
  assert.equal((await answer).matched, false);
  assert.deepEqual(commands.pending, []);
});

test("a refusal rejects with the error's stable id", async () => {
  const { commands, sent } = desk();
  const answer = commands.send("hold", { on: true });
  sent[0].acknowledged({ ok: false, error: { id: "no-call", message: "…" } });
  await assert.rejects(answer, (refused) =>
    refused instanceof Refused && refused.error.id === "no-call");
});

test("after five seconds without an answer a command is late", () => {
  const { commands, timers } = desk();
  commands.send("mark_status", { call_id: "c1", code: "contact", on: true });
  timers.pass(4999);
  assert.equal(commands.pending[0].late, false);
  timers.pass(1);
  assert.equal(commands.pending[0].late, true);
});

test("after a reconnect what is open goes out again under the same id and in order", async () => {
  const { commands, sent } = desk();
  const first = commands.send("mark_status", { call_id: "c1", code: "contact", on: true });
  commands.disconnected();
  commands.send("save_result", { call_id: "c1", note: "" });
  assert.equal(sent.length, 1);
  commands.connected();
  assert.deepEqual(sent.map(({ event, payload }) => [event, payload.command_id]),
    [["mark_status", "id1"], ["mark_status", "id1"], ["save_result", "id2"]]);
  sent[1].acknowledged({ ok: true });
  assert.equal((await first).ok, true);
});

test("a second answer to the same command changes nothing", () => {
  const { commands, sent } = desk();
  commands.send("hang_up");
  sent[0].acknowledged({ ok: true });
  sent[0].acknowledged({ ok: false, error: { id: "no-call" } });
  assert.deepEqual(commands.pending, []);
});

test("what was recorded about a customer survives a reload, under its id", () => {
  const storage = new FakeStorage();
  const before = desk({ storage, up: false });
  before.commands.send("set_promise", { call_id: "c1", due_on: "2026-11-30", amount_yen: 1 });
  before.commands.send("go_available");
  before.commands.send("check_identity", { call_id: "c1", answer: "1980-01-31" });
  const after = desk({ storage });
  assert.deepEqual(after.sent.map(({ event, payload }) => [event, payload.command_id]),
    [["set_promise", "id1"]]);
  after.sent[0].acknowledged({ ok: true });
  assert.deepEqual(desk({ storage }).sent, []);
});

test("another user of the same tab does not inherit commands", () => {
  const storage = new FakeStorage();
  desk({ storage, up: false }).commands.send("draft_note", { call_id: "c1", text: "あ" });
  assert.deepEqual(desk({ storage, owner: "operator2" }).sent, []);
});

test("a refusal of a command kept over a reload is told", () => {
  const storage = new FakeStorage();
  desk({ storage, up: false }).commands.send("draft_note", { call_id: "c1", text: "あ" });
  const { commands, sent } = desk({ storage });
  const told = [];
  commands.addEventListener("refused", ({ detail }) => told.push(detail.error.id));
  sent[0].acknowledged({ ok: false, error: { id: "not-your-call" } });
  assert.deepEqual(told, ["not-your-call"]);
});

test("what only makes sense at once fails with the connection and is never repeated", async () => {
  const { commands, sent } = desk();
  const offer = commands.send("media_offer", { sdp: "v=0" });
  commands.disconnected();
  await assert.rejects(offer, (refused) => refused.error.id === "connection-lost");
  const lost = (refused) => refused.error.id === "connection-lost";
  await assert.rejects(commands.send("resync"), lost);
  commands.connected();
  assert.equal(sent.length, 1);
});

test("an offer that is never answered fails in time", async () => {
  const { commands, timers } = desk();
  const offer = commands.send("media_offer", { sdp: "v=0" });
  timers.pass(10_000);
  await assert.rejects(offer, (refused) => refused.error.id === "timed-out");
});

test("no command is both kept and fleeting, and an identity answer is never stored", () => {
  for (const event of DURABLE) assert.ok(!FLEETING.has(event));
  assert.ok(!DURABLE.has("check_identity"));
});

test("storage that cannot be read is taken as empty", () => {
  const storage = new FakeStorage();
  storage.setItem("outbox:operator1", "{broken");
  assert.deepEqual(desk({ storage }).sent, []);
});
