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

/**
 * Switches of a lead's own use as they were set last. What was pressed twice in a quarter of a
 * second is off again, and not on twice, though the server's word of the first press is not there.
 */
export class Wishes {
  #set = new Map();

  set(name, on) {
    this.#set.set(name, on);
  }

  /** It was refused: as the server has it. */
  drop(name) {
    this.#set.delete(name);
  }

  /** The server's word is here: a wish it says as well is forgotten, and all without a use. */
  shown(use) {
    for (const [name, on] of this.#set) {
      if (!use?.seat || Boolean(use[name]) === on) this.#set.delete(name);
    }
  }

  /** How a switch is to look, and what the next press turns round. */
  of(use, name) {
    return this.#set.get(name) ?? Boolean(use?.[name]);
  }
}
