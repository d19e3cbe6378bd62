import assert from "node:assert/strict";
import test from "node:test";
import { ServerClock } from "../../../agent_desk/static/js/core/server_clock.js";

const T0 = Date.parse("2026-11-22T01:00:00Z");
const at = (ms) => new Date(T0 + ms).toISOString();

function clockAt(start) {
  const mono = { now: start };
  return { mono, clock: new ServerClock(() => mono.now) };
}

test("time goes on by the machine's monotonic clock", () => {
  const { mono, clock } = clockAt(5000);
  clock.observe(at(0));
  mono.now += 1234;
  assert.equal(clock.now(), T0 + 1234);
});

test("the least delayed message is believed", () => {
  const { mono, clock } = clockAt(0);
  mono.now = 800; // sent at 0, arrived 800 ms later
  clock.observe(at(0));
  mono.now = 1010;
  clock.observe(at(1000));
  assert.equal(clock.now(), T0 + 1000);
  mono.now = 2500;
  clock.observe(at(2000));
  assert.equal(clock.now(), T0 + 2490);
});

test("another desk clock after a restart is taken over at once", () => {
  const { mono, clock } = clockAt(0);
  clock.observe(at(0));
  mono.now = 1000;
  clock.observe(at(86_400_000));
  assert.equal(clock.now(), T0 + 86_400_000);
});

test("durations are never negative, and unknown before the first message", () => {
  const { clock } = clockAt(0);
  assert.equal(clock.now(), null);
  assert.equal(clock.secondsSince(at(0)), 0);
  assert.equal(clock.secondsUntil(at(0)), null);
  clock.observe(at(0));
  assert.equal(clock.secondsSince(at(5000)), 0);
  assert.equal(clock.secondsUntil(at(5000)), 5);
  assert.equal(clock.secondsUntil(at(-5000)), 0);
  assert.equal(clock.secondsUntil(null), null);
});

test("what is not an instant is ignored", () => {
  const { clock } = clockAt(0);
  clock.observe(undefined);
  assert.equal(clock.known, false);
});
