/**
 * Which keys do what. Single keys work only outside text fields, without modifiers, never while an
 * input method is composing, and only while the operator has them switched on (WCAG 2.1.4).
 */

const ACTIONS = {
  w: "available",
  r: "away",
  m: "mute",
  h: "hold",
  K: "hang_up", // with Shift: ending a call must not be a slip of one finger
  i: "identity",
  p: "promise",
  n: "note",
  s: "save",
  e: "extend",
  c: "preview",
  t: "party",
  d: "keypad",
  g: "hand",
  "?": "help",
};

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
