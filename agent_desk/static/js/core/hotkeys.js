/**
 * Which keys do what. Single keys work only outside text fields, without modifiers, never while an
 * input method is composing, and only while the operator has them switched on (WCAG 2.1.4).
 */

/** The keys beside the statuses' own, in the order of the sheet; `label` is a catalogue id. */
export const KEYS = [
  { key: "w", shown: "W", action: "available", label: "desk.go_available" },
  { key: "r", shown: "R", action: "away", label: "desk.go_away" },
  { key: "m", shown: "M", action: "mute", label: "desk.mute" },
  { key: "h", shown: "H", action: "hold", label: "desk.hold" },
  { key: "b", shown: "B", action: "pause_recording", label: "desk.pause_recording" },
  // with Shift: ending a call must not be a slip of one finger
  { key: "K", shown: "⇧K", action: "hang_up", label: "desk.hang_up" },
  { key: "Q", shown: "⇧Q", action: "hand_to_survey", label: "survey.ask" },
  { key: "V", shown: "⇧V", action: "leave_message", label: "message.leave" },
  { key: "t", shown: "T", action: "party", label: "keys.party" },
  { key: "d", shown: "D", action: "keypad", label: "keys.keypad" },
  { key: "i", shown: "I", action: "identity", label: "keys.identity" },
  { key: "p", shown: "P", action: "promise", label: "keys.promise" },
  { key: "n", shown: "N", action: "note", label: "keys.note" },
  { key: "s", shown: "S", action: "save", label: "wrap_up.save" },
  { key: "e", shown: "E", action: "extend", label: "keys.extend" },
  { key: "c", shown: "C", action: "preview", label: "keys.preview" },
  { key: "g", shown: "G", action: "hand", label: "keys.hand" },
  { key: "a", shown: "A", action: "acknowledge", label: "help.acknowledge" },
  { key: "l", shown: "L", action: "other_calls", label: "keys.other_calls" },
  { key: "?", shown: "?", action: "help", label: "keys.title" },
];
const ACTIONS = Object.fromEntries(KEYS.map(({ key, action }) => [key, action]));

const TYPED_INTO = new Set([
  "date", "datetime-local", "email", "month", "number", "password", "search", "tel", "text", "time",
  "url", "week",
]);

/** True when a key pressed on this element is typed into it. */
export function takesText(element) {
  if (!element) return false;
  const name = element.tagName?.toLowerCase();
  if (name === "textarea" || name === "select") return true;
  if (name === "input") return TYPED_INTO.has((element.type ?? "text").toLowerCase());
  return element.isContentEditable === true;
}

/**
 * What a key press asks for.
 * @param {KeyboardEvent} event `target` decides whether it is typing
 * @param {{enabled: boolean, statuses: {code: string, hotkey: string|null}[]}} bindings
 * @returns {{action: string, code?: string}|null}
 */
export function actionFor(event, { enabled, statuses }) {
  if (event.isComposing || event.repeat || event.defaultPrevented) return null;
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  if (takesText(event.target)) return null;
  if (event.key === "?") return { action: "help" };
  if (!enabled) return null;
  const status = statuses.find((one) => one.hotkey && String(one.hotkey) === event.key);
  if (status) return { action: "status", code: status.code };
  const action = ACTIONS[event.key];
  return action ? { action } : null;
}
