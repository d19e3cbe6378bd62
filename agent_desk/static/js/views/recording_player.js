/**
 * Plays the recording of a call: how loud it is where, its place, its pace, and a new link when the
 * old one has ended.
 *
 *   const player = recordingPlayer({ root, t, f, link, sound, onClose });
 *   button.addEventListener("click", () => player.play(callId, { title }));
 *
 * `link(callId)` is `link/recordings.js` with the page's token, `sound(url)` what it opens. A link
 * lives for a minute: a browser that asks for another part of the sound after that is refused, gets
 * a fresh link here, and goes on where it was. The picture is made of the same sound by the
 * browser; where there is none (too long to open at once, or gone) the slider does without.
 */
import { errorText } from "../core/messages.js";
import { timer } from "../core/format.js";
import { el, icon, setAttributes, setIcon, setText } from "./dom.js";
import { waveform } from "./waveform.js";

const SPEEDS = [1, 1.5, 2];
const PICTURED_MS = 3_600_000; // an hour of sound is a quarter of a gigabyte while it is open
const STEP_S = 5; // by an arrow key
const STEPS = { ArrowLeft: -STEP_S, ArrowDown: -STEP_S, ArrowRight: STEP_S, ArrowUp: STEP_S };

export function recordingPlayer({
  root, t, f, link, onClose, sound, makeAudio = () => new Audio(),
}) {
  const audio = makeAudio();
  audio.preload = "auto";
  let callId = null;
  let told = null; // what came with the link
  let renewed = false; // one attempt per failure
  let dragging = false;
  let pictured = null; // of which call the picture is, or will be

  const { toggle, toggleIcon, toggleText, title, seek, time, speed, problem, close } = controls(t);
  const wave = waveform(t, seek);
  root.replaceChildren(toggle, title, wave.element, time, speed, close, problem);

  const seconds = () => (told ? told.duration_ms / 1000 : 0);

  function draw() {
    const playing = !audio.paused && !audio.ended;
    const [now, total] = [timer(audio.currentTime || 0), timer(seconds())];
    setText(toggleText, t(playing ? "recording.pause" : "recording.play"));
    setIcon(toggleIcon, playing ? "hold" : "play");
    setAttributes(seek, {
      "max": String(seconds()), "aria-valuetext": told ? t("recording.at", { now, total }) : null,
    });
    if (!dragging) seek.value = String(audio.currentTime || 0);
    wave.played(seconds() ? Math.min(1, Number(seek.value) / seconds()) : 0);
    setText(time, told ? `${now} / ${total}` : "");
    setAttributes(root, { "data-state": playing ? "playing" : "stopped" });
  }

  function notes() {
    const paused = Math.round((told?.paused_ms ?? 0) / 1000);
    return [
      told?.truncated ? t("recording.truncated") : "",
      paused ? t("recording.paused", { duration: f.duration(paused) }) : "",
    ].join("");
  }

  function say(error) {
    setAttributes(problem, { "data-level": error ? "problem" : "note" });
    setText(problem, error ? errorText(t, error) : notes());
  }

  /** A fresh link, from `place` seconds on; nothing when another call was asked for meanwhile. */
  async function load(place) {
    const asked = callId;
    const answer = await link(asked);
    if (asked !== callId) return;
    told = answer;
    audio.src = told.url;
    audio.playbackRate = Number(speed.value);
    audio.currentTime = place;
    say(null);
    if (pictured !== asked) picture(pictured = asked);
    await audio.play();
  }

  /** The picture of the recording that is loaded; none is nobody's fault, the sound is there. */
  async function picture(asked) {
    if (told.duration_ms > PICTURED_MS) return;
    wave.wait();
    const channels = await sound(told.url).catch(() => null);
    if (asked !== callId) return;
    if (channels) wave.draw(channels);
    else wave.clear();
  }

  async function attempt(place) {
    const asked = callId;
    try {
      await load(place);
    } catch (refused) {
      // AbortError: something else is loaded by now; NotAllowedError: the browser wants a press.
      const meant = asked === callId && !["AbortError", "NotAllowedError"].includes(refused.name);
      if (meant) say(refused.error ?? { id: "recording-gone" });
    }
    draw();
  }

  function go(place) {
    audio.currentTime = Math.min(Math.max(place, 0), seconds());
    draw();
  }

  audio.addEventListener("error", () => {
    if (callId === null) return undefined;
    if (renewed) return say({ id: "recording-gone" });
    renewed = true;
    return attempt(audio.currentTime || 0);
  });
  audio.addEventListener("playing", () => { renewed = false; });
  for (const event of ["timeupdate", "play", "pause", "ended", "durationchange"]) {
    audio.addEventListener(event, draw);
  }
  toggle.addEventListener("click", () => {
    if (!told) attempt(0);
    else if (audio.paused) audio.play().catch(() => attempt(audio.currentTime || 0));
    else audio.pause();
  });
  seek.addEventListener("input", () => {
    dragging = true;
    audio.currentTime = Number(seek.value);
    draw();
  });
  seek.addEventListener("change", () => { dragging = false; });
  seek.addEventListener("keydown", (event) => {
    if (!(event.key in STEPS)) return;
    event.preventDefault();
    go(audio.currentTime + STEPS[event.key]);
  });
  speed.addEventListener("change", () => { audio.playbackRate = Number(speed.value); });
  close.addEventListener("click", () => {
    callId = null;
    told = null;
    pictured = null;
    wave.clear();
    audio.pause();
    audio.removeAttribute("src");
    onClose();
  });
  draw();

  return {
    audio,

    /** Play the recording of another call from its beginning; the keyboard is here then. */
    play(id, { title: of }) {
      callId = id;
      told = null;
      pictured = null;
      renewed = false;
      wave.clear();
      audio.pause();
      setText(title, of);
      say(null);
      toggle.focus();
      return attempt(0);
    },
  };
}

function controls(t) {
  const toggleIcon = icon("play");
  const toggleText = el("span");
  return {
    toggleIcon,
    toggleText,
    toggle: el("button", {
      type: "button", class: "button button-small", "data-testid": "recording-play",
    }, toggleIcon, toggleText),
    title: el("span", { class: "recording-title", "data-testid": "recording-title" }),
    seek: el("input", {
      type: "range", min: "0", max: "0", step: "0.1", value: "0", "data-testid": "recording-seek",
      "aria-label": t("recording.place"),
    }),
    time: el("span", { class: "recording-time", "data-testid": "recording-time" }),
    speed: el("select", {
      "data-testid": "recording-speed", "aria-label": t("recording.speed"),
    }, ...SPEEDS.map((each) =>
      el("option", { value: String(each) }, t("recording.times", { n: each })))),
    problem: el("p", {
      class: "recording-problem", role: "status", "data-testid": "recording-problem",
    }),
    close: el("button", {
      type: "button", class: "tool", "data-testid": "recording-close",
      "aria-label": t("recording.close"), "title": t("recording.close"),
    }, icon("cross")),
  };
}
