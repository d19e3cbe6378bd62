/**
 * Plays an own recording from the customer's line of time; it stops when another call is there, and
 * when the customer who was looked at is called.
 * `link(callId)` and `sound(url)` are `link/recordings.js`, with the page's token.
 */
import { isPreviewing } from "../core/seat_rules.js";
import { part } from "./dom.js";
import { recordingPlayer } from "./recording_player.js";

export function recordPlayer({ root, server, redraw, t, f, act, link, sound }) {
  const panel = part(root, "record-player");
  let player = null;
  let heardAt = null;

  const moment = () => `${server.state?.call?.id} ${isPreviewing(server.state)}`;

  act.playRecording = (id, title) => {
    player ??= recordingPlayer({
      root: panel, t, f, link, sound, onClose: () => { panel.hidden = true; },
    });
    heardAt = moment();
    panel.hidden = false;
    player.play(id, { title });
  };
  redraw.draw(() => {
    if (panel.hidden || moment() === heardAt) return;
    player.audio.pause();
    panel.hidden = true;
  });
}
