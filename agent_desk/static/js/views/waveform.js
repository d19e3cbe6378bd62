/**
 * The picture of a recording behind its slider: what the customer heard above the middle, what
 * the customer said below it, and how much of it has been played.
 *
 *   const wave = waveform(t, slider);
 *   wave.wait(); wave.draw([operator, customer]); wave.played(0.4); wave.clear();
 *
 * The slider stays what one holds: the picture is for eyes only.
 */
import { COLUMNS, heights, outline, peaks } from "../core/waveform.js";
import { el, setAttributes, svg } from "./dom.js";

const PARTIES = [["operator", -1], ["customer", 1]];
let pictures = 0; // each needs a name of its own for what cuts off its played part

export function waveform(t, slider) {
  const cut = `recording-played-${(pictures += 1)}`;
  const edge = svg("rect", { x: 0, y: 0, width: 0, height: 200 });
  const clip = svg("clipPath", { id: cut });
  clip.append(edge);
  const layers = [svg("g", { class: "wave-all" }),
    svg("g", { class: "wave-played", "clip-path": `url(#${cut})` })];
  const picture = svg("svg", {
    viewBox: `0 0 ${COLUMNS} 200`, preserveAspectRatio: "none", "aria-hidden": "true",
    "data-testid": "recording-wave",
  });
  picture.append(clip, ...layers);
  const names = PARTIES.map(([party]) =>
    el("span", { class: "wave-party", "data-party": party, "aria-hidden": "true" },
      t(party === "operator" ? "recording.wave_operator" : "recording.wave_customer")));
  const element = el("div", { class: "recording-wave", "data-wave": "none" },
    picture, ...names, slider);

  const state = (name) => setAttributes(element, { "data-wave": name });
  return {
    element,
    clear() {
      state("none");
      for (const layer of layers) layer.replaceChildren();
    },
    wait() {
      state("waiting");
    },
    draw(channels) {
      const columns = heights(channels.map((samples) => peaks(samples)));
      for (const layer of layers) {
        layer.replaceChildren(...PARTIES.map(([party, direction], n) =>
          svg("path", { "data-party": party, "d": outline(columns[n], direction) })));
      }
      state("drawn");
    },
    /** @param {number} share of the recording, 0 to 1 */
    played(share) {
      setAttributes(edge, { width: (share * COLUMNS).toFixed(1) });
    },
  };
}
