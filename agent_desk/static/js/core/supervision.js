/** What a lead may do in somebody's call, and what the page sends and says meanwhile: pure. */

export const MODES = ["listen", "whisper", "barge", "take_over"];

// The microphone is sent while somebody hears it, and at no other time.
const HEARD = new Set(["whisper", "barge", "take_over"]);
const IN_TALK = new Set(["talking", "hold"]);

/** Whether this seat has a call a lead can come into. */
export function supervisable(seat) {
  return IN_TALK.has(seat.state) && seat.phase === "bridged";
}

/** What this lead has in use or wants, of the page's state; null: nothing. */
export function ownUse(state, username) {
  return state?.supervisions?.[username] ?? null;
}

/** Whether the lead's microphone goes out: for what is asked already, so that no word is lost. */
export function isHeard(use) {
  return use !== null && HEARD.has(use.asked ?? use.mode);
}

/** Whether the leg is of use: in a call, on the way into one, or for the next one. */
export function needsLeg(use) {
  return use !== null && use.seat !== null;
}

/** Whether the call is the lead's own, or just becomes it: it is ended, not left. */
export function hasTheCall(use) {
  return use !== null && (use.asked === "take_over" || use.mode === "take_over");
}
