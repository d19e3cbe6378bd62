/** One drawn call of `/admin/listening-audits`: its recording is played beside the sheet. */
import { recordedSound, recordingLink } from "./link/recordings.js";
import { pageData } from "./page_data.js";
import { part } from "./views/dom.js";
import { recordingPlayer } from "./views/recording_player.js";

const { t, f, csrf } = pageData();
const button = part(document, "listen");
const root = part(document, "player");
let player = null;

async function link(callId) {
  const answer = await recordingLink(callId, { csrf });
  part(document, "listen-first")?.remove(); // the trail knows now that it was played
  return answer;
}

button?.addEventListener("click", () => {
  player ??= recordingPlayer({
    root, t, f, link, sound: recordedSound,
    onClose: () => { root.hidden = true; button.focus(); },
  });
  root.hidden = false;
  player.play(button.dataset.play, { title: button.dataset.title });
});
