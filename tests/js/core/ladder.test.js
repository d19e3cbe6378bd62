import assert from "node:assert/strict";
import test from "node:test";
import { elapsed, ladderOf, titleOf, toneOf } from "../../../agent_desk/static/js/core/ladder.js";

const at = (ms) => new Date(Date.parse("2026-11-22T01:00:00Z") + ms).toISOString();
const invite = { at: at(0), sent: true, peer: "10.0.0.2:5060",
  text: "INVITE sip:**78@h SIP/2.0\nCSeq: 1 INVITE\nSDP: audio 4000 RTP/AVP" };
const busy = { at: at(320), sent: false, peer: "10.0.0.2:5060",
  text: "SIP/2.0 486 Busy Here\nCSeq: 1 INVITE" };

test("a request is told by its method, a final answer by what it answers", () => {
  assert.equal(titleOf(invite.text), "INVITE");
  assert.equal(titleOf("SIP/2.0 180 Ringing\nCSeq: 1 INVITE"), "180 Ringing");
  assert.equal(titleOf(busy.text), "486 Busy Here (INVITE)");
  assert.equal(titleOf("SIP/2.0 200 OK"), "200 OK");
});

test("an answer that explains a failure stands out, a challenge does not", () => {
  assert.equal(toneOf(busy.text), "bad");
  assert.equal(toneOf("SIP/2.0 401 Unauthorized"), "plain");
  assert.equal(toneOf("SIP/2.0 200 OK"), "good");
  assert.equal(toneOf(invite.text), "plain");
});

test("each address has a rail in the order in which it was first spoken with", () => {
  const other = { ...busy, peer: "10.0.0.3:5060", at: at(900) };
  const { rails, steps } = ladderOf([invite, busy, other]);
  assert.deepEqual(rails, ["10.0.0.2:5060", "10.0.0.3:5060"]);
  assert.deepEqual(steps.map(({ rail, sent, afterMs, audio }) => [rail, sent, afterMs, audio]),
    [[1, true, 0, true], [1, false, 320, false], [2, false, 900, false]]);
  assert.deepEqual(ladderOf([]), { rails: [], steps: [] });
});

test("waits are told in milliseconds, long ones in seconds", () => {
  assert.deepEqual([0, 320.4, 4218, 12_430].map(elapsed),
    ["+0 ms", "+320 ms", "+4.22 s", "+12.4 s"]);
});
