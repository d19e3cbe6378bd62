import assert from "node:assert/strict";
import test from "node:test";
import { COLUMNS, heights, outline, peaks, TALLEST } from "../../../agent_desk/static/js/core/waveform.js";

const tone = (seconds, loud) =>
  Float32Array.from({ length: seconds * 8000 }, (_, n) => loud * Math.sin(n / 3));
const silence = (seconds) => new Float32Array(seconds * 8000);
const joined = (...parts) => Float32Array.from(parts.flatMap((part) => [...part]));

test("each column is as loud as the loudest moment in it", () => {
  const found = peaks(Float32Array.of(0, -0.5, 0.25, 0, 0, 1), 3);
  assert.deepEqual([...found], [0.5, 0.25, 1]);
});

test("every sample is in one column, however the columns divide the sound", () => {
  for (const length of [1, 7, 239, 240, 241, 8001]) {
    for (const at of [0, length >> 1, length - 1]) {
      const samples = new Float32Array(length);
      samples[at] = 1;
      assert.equal(peaks(samples).filter((loud) => loud === 1).length, 1, `${at} of ${length}`);
    }
  }
});

test("a recording without a sample is silent, not broken", () => {
  assert.deepEqual([...peaks(new Float32Array(0), 2)], [0, 0]);
});

test("talk stands out from the silence between", () => {
  const sound = joined(tone(2, 0.3), silence(2), tone(2, 0.3));
  const [columns] = heights([peaks(sound)]);
  const third = COLUMNS / 3;
  assert.ok(columns.slice(2, third - 2).every((height) => height > TALLEST * 0.9));
  assert.ok(columns.slice(third + 2, 2 * third - 2).every((height) => height === 0));
});

test("two parties are measured alike, and the quiet one is still seen", () => {
  const [loud, quiet] = heights([peaks(tone(1, 0.8), 4), peaks(tone(1, 0.08), 4)]);
  assert.ok(Math.min(...loud) > TALLEST * 0.95);
  assert.ok(quiet.every((height) => height > TALLEST * 0.2 && height < TALLEST * 0.3));
});

test("what is hardly a sound throughout is not drawn as a loud one", () => {
  const [columns] = heights([peaks(tone(1, 0.002), 4)]);
  assert.ok(Math.max(...columns) < TALLEST * 0.1);
});

test("a column is drawn from the middle, and silence is a line", () => {
  assert.equal(outline([50.4, 0], -1), "M0.15 100v-50h.7v50zM1.15 100v-1h.7v1z");
  assert.equal(outline([50.4], 1), "M0.15 100v50h.7v-50z");
});
