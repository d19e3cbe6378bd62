/**
 * Links to recordings, asked for one at a time, each good for this person and a minute; and the
 * sound behind one.
 */

/** The server would not give a link; `error` is what `core/messages.js` makes a sentence of. */
export class NoRecording extends Error {
  constructor(error) {
    super(error.id);
    this.error = error;
  }
}

/**
 * @param {string} callId
 * @param {{csrf: string, fetch?: typeof fetch}} options
 * @returns {Promise<{url: string, duration_ms: number, truncated: boolean}>} throws `NoRecording`
 */
export async function recordingLink(callId, { csrf, fetch = globalThis.fetch.bind(globalThis) }) {
  const answer = await fetch(`/api/v1/recordings/${encodeURIComponent(callId)}/url`, {
    method: "POST",
    credentials: "same-origin",
    headers: { "X-CSRFToken": csrf, "Accept": "application/json" },
    redirect: "error",
  }).catch(() => { throw new NoRecording({ id: "unexpected" }); });
  if (answer.ok) return answer.json();
  const problem = await answer.json().catch(() => ({}));
  throw new NoRecording({
    id: problem.error_id ?? "unexpected", details: problem.details, message: problem.detail,
  });
}

const OPENED_AT_HZ = 8000; // as it was recorded: the browser's own rate takes six times the room

/**
 * The sound of a recording in full, what the customer heard and what the customer said.
 * @returns {Promise<Float32Array[]>} rejects when it is not there or is no sound
 */
export async function recordedSound(url, {
  fetch = globalThis.fetch.bind(globalThis),
  decoder = () => new OfflineAudioContext(2, 1, OPENED_AT_HZ),
} = {}) {
  const answer = await fetch(url, { credentials: "same-origin", redirect: "error" });
  if (!answer.ok) throw new NoRecording({ id: "recording-gone" });
  const sound = await decoder().decodeAudioData(await answer.arrayBuffer());
  return [sound.getChannelData(0), sound.getChannelData(sound.numberOfChannels - 1)];
}
