/**
 * The switch for the sound of new urgent alerts, and the sound: two short tones, made here.
 *
 * A browser lets a page sound only after somebody has touched it. Until then the switch says so,
 * and the first press or key anywhere on the page is enough.
 */
import { AlertSound } from "../core/alert_sound.js";
import { begun } from "../core/alerts.js";
import { part, setAttributes } from "./dom.js";

const TONES_HZ = [880, 1175];
const TONE_S = 0.14;
const LOUDEST = 0.2;

export function alertSound({ root, server, storage, makeContext = () => new AudioContext() }) {
  const button = part(root, "alert-sound"), hint = part(root, "alert-sound-blocked");
  const sound = new AlertSound({ storage, now: () => performance.now() });
  let context = null;

  function draw() {
    setAttributes(button, { "aria-pressed": String(sound.on) });
    hint.hidden = !sound.on || context?.state === "running";
  }

  async function wake() {
    if (!sound.on) return;
    context ??= makeContext();
    if (context.state !== "running") await context.resume().catch(() => {});
    draw();
  }

  function play() {
    if (context?.state !== "running") return;
    TONES_HZ.forEach((hz, place) => {
      const begins = context.currentTime + place * TONE_S;
      const tone = context.createOscillator(), level = context.createGain();
      tone.frequency.value = hz;
      level.gain.setValueAtTime(0, begins);
      level.gain.linearRampToValueAtTime(LOUDEST, begins + 0.02);
      level.gain.linearRampToValueAtTime(0, begins + TONE_S);
      tone.connect(level).connect(context.destination);
      tone.start(begins);
      tone.stop(begins + TONE_S);
    });
  }

  button.addEventListener("click", async () => {
    sound.on = !sound.on;
    draw();
    await wake();
    if (sound.on) play(); // so one knows what to listen for
  });
  for (const touched of ["pointerdown", "keydown"]) root.addEventListener(touched, wake);
  server.addEventListener("change", ({ detail: { before, after } }) => {
    if (sound.rings(begun(before?.alerts, after.alerts))) play();
  });
  draw();
}
