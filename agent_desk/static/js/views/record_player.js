/** Plays an own recording from the customer's line of time; it stops when another call is there. */
import { recordingLink } from "../link/recordings.js";
import { part } from "./dom.js";
import { recordingPlayer } from "./recording_player.js";

export function recordPlayer({ root, server, redraw, t, f, act, csrf }) {
  const panel = part(root, "record-player");
  let player = null;
  let callId = null;

  act.playRecording = (id, title) => {
    player ??= recordingPlayer({
      root: panel, t, f, link: (each) => recordingLink(each, { csrf }),
      onClose: () => { panel.hidden = true; },
    });
    callId = server.state?.call?.id ?? null;
    panel.hidden = false;
    player.play(id, { title });
  };
  redraw.draw(() => {
    if (panel.hidden || (server.state?.call?.id ?? null) === callId) return;
    player.audio.pause();
    panel.hidden = true;
  });
}
