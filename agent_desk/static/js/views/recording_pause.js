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
    const may = offers(server.state, { linkUp: local.state.link === "up" });
    button.hidden = !recording || may.previewing;
    button.disabled = !may.pauseRecording;
    // The words change with the state: a pressed "resume" would say it twice.
    setAttributes(button, { "data-paused": String(paused) });
    setText(at("pause-recording-text"), t(`desk.${paused ? "resume" : "pause"}_recording`));

    const shown = paused && !button.disabled;
    setText(at("recording-banner-text"), shown ? t("desk.recording_paused") : "");
    at("recording-banner").hidden = !shown;
  });
}
