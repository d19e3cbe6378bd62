import assert from "node:assert/strict";
import test from "node:test";
import { DeviceCheck } from "../../../agent_desk/static/js/phone/device_check.js";
import { countersOf, sampleBetween, toDbfs } from "../../../agent_desk/static/js/phone/levels.js";

const listen = (check, levels, { flowing = true } = {}) => {
  for (const levelDbfs of levels) check.observe({ flowing, heardS: 1, levelDbfs });
  return check.state;
};

test("a voice passes at once", () => {
  const check = new DeviceCheck();
  assert.equal(check.state, "waiting");
  assert.equal(listen(check, [-80, -31.26]), "heard");
  assert.equal(check.levelDbfs, -31.3);
});

test("three silent seconds let the operator vouch", () => {
  const check = new DeviceCheck();
  assert.equal(listen(check, [-90, -90]), "listening");
  assert.equal(listen(check, [-90]), "quiet");
});

test("nothing is heard while nothing is sent", () => {
  assert.equal(listen(new DeviceCheck(), [-10, -10, -10], { flowing: false }), "waiting");
});

test("a browser that does not measure the microphone ends in asking", () => {
  assert.equal(listen(new DeviceCheck(), [null, null, null]), "quiet");
});

test("another microphone is checked anew", () => {
  const check = new DeviceCheck();
  listen(check, [-20]);
  check.restart();
  assert.equal(check.state, "waiting");
});

const report = (...stats) => new Map(stats.map((one, index) => [String(index), one]));
const kind = "audio";
const at = (sent, received, lost, energy, seconds) => countersOf(report(
  { type: "outbound-rtp", kind, packetsSent: sent },
  { type: "inbound-rtp", kind, packetsReceived: received, packetsLost: lost, jitter: 0.02 },
  { type: "candidate-pair", nominated: true, currentRoundTripTime: 0.045 },
  { type: "media-source", kind, totalAudioEnergy: energy, totalSamplesDuration: seconds }));

test("a sample is what happened between two readings", () => {
  const sample = sampleBetween(at(0, 0, 0, 0, 10), at(50, 45, 5, 0.01, 11));
  assert.deepEqual({ ...sample, levelDbfs: Math.round(sample.levelDbfs) },
    { rttMs: 45, jitterMs: 20, loss: 0.1, concealed: 0, flowing: true, hearing: true, heardS: 1,
      voiceDbfs: null,
      levelDbfs: -20 });
});

test("sound the browser had to invent counts, its silence on an idle leg does not", () => {
  const heard = (received, samples, concealed, silent) => countersOf(report({
    type: "inbound-rtp", kind, packetsReceived: received, totalSamplesReceived: samples,
    concealedSamples: concealed, silentConcealedSamples: silent }));
  const sample = sampleBetween(heard(10, 8000, 0, 0), heard(50, 16_000, 1000, 200));
  assert.equal(sample.concealed, 0.1);
  const idle = sampleBetween(heard(50, 16_000, 0, 0), heard(50, 24_000, 8000, 0));
  assert.equal(idle.concealed, 0);
});

test("what the far end said of an older talk is not said of an idle leg", () => {
  const counters = (sent) => countersOf(report({ type: "outbound-rtp", kind, packetsSent: sent },
    { type: "remote-inbound-rtp", kind, fractionLost: 0.2 }));
  assert.equal(sampleBetween(counters(50), counters(50)).loss, 0);
  assert.equal(sampleBetween(counters(50), counters(100)).loss, 0.2);
});

test("an idle leg is neither lossy nor jittery", () => {
  const sample = sampleBetween(at(50, 45, 5, 0, 10), at(50, 45, 5, 0, 10));
  assert.equal(sample.loss, 0);
  assert.equal(sample.jitterMs, 0);
  assert.equal(sample.flowing, false);
  assert.equal(sample.levelDbfs, null);
});

test("silence is -100 dBFS", () => {
  assert.equal(toDbfs(0), -100);
  assert.equal(toDbfs(1), 0);
});

test("the level of what arrives is the mean of its energy, and nothing while nothing does", () => {
  const counters = (voice, voiceSeconds, received) => ({
    ...countersOf(new Map()), voice, voiceSeconds, received,
  });
  const { voiceDbfs } = sampleBetween(counters(1, 10, 500), counters(1.01, 11, 550));
  assert.equal(Math.round(voiceDbfs), -20);
  assert.equal(sampleBetween(counters(1, 10, 500), counters(1.01, 11, 500)).voiceDbfs, null);
  assert.equal(sampleBetween(null, counters(1, 10, 500)).voiceDbfs, null);
});
