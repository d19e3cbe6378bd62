/** The SIP messages of a call, asked of the gateway that carried it. */

/** The server would not tell; `error` is what `core/messages.js` makes a sentence of. */
export class NoLadder extends Error {
  constructor(error) {
    super(error.id);
    this.error = error;
  }
}

/**
 * @param {string} callId
 * @returns {Promise<{at: string, sent: boolean, peer: string, text: string}[]>} throws `NoLadder`
 */
export async function ladder(callId, { fetch = globalThis.fetch.bind(globalThis) } = {}) {
  const answer = await fetch(`/api/v1/calls/${encodeURIComponent(callId)}/ladder`, {
    credentials: "same-origin", headers: { Accept: "application/json" }, redirect: "error",
  }).catch(() => { throw new NoLadder({ id: "unexpected" }); });
  if (answer.ok) return (await answer.json()).messages;
  const problem = await answer.json().catch(() => ({}));
  throw new NoLadder({ id: problem.error_id ?? "unexpected", details: problem.details });
}
