import assert from "node:assert/strict";
import test from "node:test";
import { mediaText } from "../../../agent_desk/static/js/views/live_bar.js";

const t = (id, { word = "", sides = "" } = {}) => [id, word, sides].filter(Boolean).join(" ");
const sample = (hearing) => ({ rttMs: 1, jitterMs: 1, loss: 0, hearing });
const told = { bars: 5, poor: [], noisy: [] };
const says = (state, hearing, quality = told) => mediaText(
  { mic: "live", media: "up", samples: hearing.map(sample) }, { state, quality }, t);

test("a talk in which nothing arrives is not called good", () => {
  const silent = says("talking", [true, true, false, false, false]);
  assert.deepEqual(silent, { text: "media.nothing_arrives", bars: 1 });
  assert.equal(says("talking", [true, true, true, false, false]).text, "media.good");
});

test("between talks nothing arrives, and nothing is wrong", () => {
  for (const state of ["available", "hold", "wrap_up"]) {
    assert.equal(says(state, [false, false, false]).text, "media.good");
  }
});

test("a poor side is named before a noisy one", () => {
  const quality = { bars: 3, poor: ["customer"], noisy: ["operator"] };
  assert.equal(says("talking", [true], quality).text,
    "media.side media.fair media.side_customer");
  assert.equal(says("talking", [true], { ...quality, poor: [] }).text, "media.noisy_operator");
});
