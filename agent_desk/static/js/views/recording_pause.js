/** Pausing the recording for words that must not be kept, and saying so while it is paused. */
import { offers } from "../core/seat_rules.js";
import { part, setAttributes, setText } from "./dom.js";

export function recordingPause({ root, server, local, redraw, t, act }) {
  const at = (name) => part(root, name);
  at("pause-recording").addEventListener("click", () => act.pauseRecording());
  at("recording-banner-action").addEventListener("click", () => act.pauseRecording());

  redraw.draw(() => {
    const { recording } = server.state?.call ?? {};
    const paused = recording === "paused";
    const button = at("pause-recording");
    button.hidden = !recording;
    button.disabled = !offers(server.state, { linkUp: local.state.link === "up" }).pauseRecording;
    setAttributes(button, { "aria-pressed": String(paused) });
    setText(at("pause-recording-text"), t(paused ? "desk.resume_recording" : "desk.pause_recording"));

    const shown = paused && !button.disabled;
    setText(at("recording-banner-text"), shown ? t("desk.recording_paused") : "");
    at("recording-banner").hidden = !shown;
  });
}
