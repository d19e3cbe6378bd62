/**
 * The note of one call while it is typed: what is on the page, what the server has, what is under
 * way. At most one draft travels at a time; what was typed meanwhile follows it, so the newest text
 * wins and the server is not asked once per key.
 */

/** A draft that agrees with the server. */
export function cleanDraft(callId, text) {
  return { callId, text, acknowledged: text, underWay: null };
}

/** The operator typed. */
export function typed(draft, text) {
  return { ...draft, text };
}

/** True when something should be sent now. */
export function isDue(draft) {
  return draft.underWay === null && draft.text !== draft.acknowledged;
}

/** The text on the page has been sent. */
export function sent(draft) {
  return { ...draft, underWay: draft.text };
}

/** The server has what was sent. */
export function acknowledged(draft) {
  return { ...draft, acknowledged: draft.underWay, underWay: null };
}

/** What was sent was refused: it counts as not sent. */
export function refused(draft) {
  return { ...draft, underWay: null };
}

/**
 * What to tell the operator: `empty`, `saved`, `saving`, or `unsent` when there is no connection.
 */
export function draftState(draft, { connected }) {
  if (draft.text === draft.acknowledged) return draft.text === "" ? "empty" : "saved";
  return connected ? "saving" : "unsent";
}
