/**
 * Plays an own recording from the customer's line of time; it stops when another call is there.
 * `link(callId)` is `link/recordings.js` with the page's token.
 */
import { part } from "./dom.js";
import { recordingPlayer } from "./recording_player.js";

export function recordPlayer({ root, server, redraw, t, f, act, link }) {
  const panel = part(root, "record-player");
  let player = null;
  let callId = null;

  act.playRecording = (id, title) => {
    player ??= recordingPlayer({
      root: panel, t, f, link, onClose: () => { panel.hidden = true; },
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
