import assert from "node:assert/strict";
import test from "node:test";
import { Heartbeat } from "../../../agent_desk/static/js/link/heartbeat.js";
import { FakeTimers } from "../timers.js";

class FakeLink extends EventTarget {
  up = false;
  sent = [];
  renewed = 0;
  answering = true;
  emit(event, payload, receipt) {
    this.sent.push(event);
    if (this.answering) receipt();
  }
  renew() {
    this.renewed += 1;
  }
  connect() {
    this.up = true;
    this.dispatchEvent(new Event("up"));
  }
  lose() {
    this.up = false;
    this.dispatchEvent(new Event("down"));
  }
}

function beating(everyMs = 1500) {
  const link = new FakeLink();
  const timers = new FakeTimers();
  const heart = new Heartbeat(link, "pulse", {
    payload: () => ({}), everyMs: () => everyMs, timers, now: timers.now });
  const silences = [];
  heart.addEventListener("silence", ({ detail }) => silences.push([detail.silent, timers.now()]));
  return { link, timers, heart, silences };
}

test("beats come at their interval while the link is up", () => {
  const { link, timers } = beating(1000);
  timers.pass(5000);
  assert.equal(link.sent.length, 0);
  link.connect();
  timers.pass(3000);
  assert.equal(link.sent.length, 4);
  link.lose();
  timers.pass(5000);
  assert.equal(link.sent.length, 4);
});

test("a network that dies at the worst moment is noticed within three seconds", () => {
  const { link, timers, silences } = beating(1500);
  link.connect();
  timers.pass(1500);
  link.answering = false; // right after an answered beat
  const diedAt = timers.now();
  timers.pass(3000);
  assert.equal(silences.length, 1);
  assert.ok(silences[0][0] && silences[0][1] - diedAt <= 3000);
});

test("an answer ends the silence", () => {
  const { link, timers, silences } = beating();
  link.connect();
  link.answering = false;
  timers.pass(4000);
  link.answering = true;
  timers.pass(1500);
  assert.deepEqual(silences.map(([silent]) => silent), [true, false]);
});

test("a transport that stays silent is given up", () => {
  const { link, timers } = beating();
  link.connect();
  link.answering = false;
  timers.pass(9000);
  assert.ok(link.renewed > 0);
});

test("a desk that never sends receipts is not a lost one", () => {
  const { link, timers, silences } = beating();
  link.answering = false;
  link.connect();
  timers.pass(20_000);
  assert.deepEqual(silences, []);
  assert.equal(link.renewed, 0);
});
