/** Links to recordings: asked for one at a time, each good for this person and a minute. */

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
