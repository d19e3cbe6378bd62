/**
 * Plays the recording of a call: its place, its pace, and a new link when the old one has ended.
 *
 *   const player = recordingPlayer({ root: part(document, "player"), t, link });
 *   button.addEventListener("click", () => player.play(callId));
 *
 * `link(callId)` is `link/recordings.js` with the page's token. A link lives for a minute: a browser
 * that asks for another part of the sound after that is refused, gets a fresh link here, and goes
 * on where it was.
 */
import { errorText } from "../core/messages.js";
import { timer } from "../core/format.js";
import { el, setAttributes, setText } from "./dom.js";

const SPEEDS = [1, 1.5, 2];

export function recordingPlayer({ root, t, link, makeAudio = () => new Audio() }) {
  const audio = makeAudio();
  audio.preload = "auto";
  let callId = null;
  let told = null; // what came with the link
  let renewed = false; // one attempt per failure

  const toggle = el("button", {
    type: "button", class: "button button-small", "data-testid": "recording-play", disabled: "",
  });
  const seek = el("input", {
    type: "range", min: "0", max: "0", step: "0.1", value: "0", "data-testid": "recording-seek",
    "aria-label": t("recording.place"),
  });
  const time = el("span", { class: "recording-time", "data-testid": "recording-time" });
  const speed = el("select", {
    "data-testid": "recording-speed", "aria-label": t("recording.speed"),
  }, ...SPEEDS.map((each) => el("option", { value: String(each) }, t("recording.times", { n: each }))));
  const problem = el("p", { role: "status", "data-testid": "recording-problem" });
  root.classList.add("recording-player");
  root.replaceChildren(toggle, seek, time, speed, problem);

  const seconds = () => (told ? told.duration_ms / 1000 : 0);

  function draw() {
    const playing = !audio.paused && !audio.ended;
    setText(toggle, t(playing ? "recording.pause" : "recording.play"));
    setAttributes(seek, { max: String(seconds()) });
    if (document.activeElement !== seek) seek.value = String(audio.currentTime || 0);
    setText(time, told ? `${timer(audio.currentTime || 0)} / ${timer(seconds())}` : "");
    setAttributes(root, { "data-state": playing ? "playing" : "stopped" });
  }

  function say(error) {
    const note = told?.truncated ? t("recording.truncated") : "";
    setText(problem, error ? errorText(t, error) : note);
  }

  /** A fresh link, from `place` seconds on. */
  async function load(place) {
    told = await link(callId);
    audio.src = told.url;
    audio.playbackRate = Number(speed.value);
    audio.currentTime = place;
    toggle.disabled = false;
    say(null);
    await audio.play();
  }

  async function attempt(place) {
    try {
      await load(place);
    } catch (refused) {
      if (refused.name !== "AbortError") say(refused.error ?? { id: "recording-gone" });
    }
    draw();
  }

  audio.addEventListener("error", () => {
    if (callId === null || renewed) return say({ id: "recording-gone" });
    renewed = true;
    return attempt(audio.currentTime || 0);
  });
  audio.addEventListener("playing", () => { renewed = false; });
  for (const event of ["timeupdate", "play", "pause", "ended", "durationchange"]) {
    audio.addEventListener(event, draw);
  }
  toggle.addEventListener("click", () => {
    if (audio.paused) audio.play().catch(() => attempt(audio.currentTime || 0));
    else audio.pause();
  });
  seek.addEventListener("input", () => { audio.currentTime = Number(seek.value); });
  speed.addEventListener("change", () => { audio.playbackRate = Number(speed.value); });
  draw();

  return {
    audio,

    /** Play the recording of another call from its beginning. */
    play(id) {
      callId = id;
      renewed = false;
      return attempt(0);
    },

    /** Fall silent and forget the call. */
    close() {
      callId = null;
      told = null;
      audio.pause();
      audio.removeAttribute("src");
      toggle.disabled = true;
      draw();
    },
  };
}
