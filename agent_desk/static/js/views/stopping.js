/** The words and choices of a stop (rule R59), for one campaign and for all of them. */

/** What to choose from: with nobody in flight there is nothing to choose. */
export function stopChoices(t, { ringing, waiting }) {
  const red = { look: "button-danger", icon: "stop" };
  const finish = (text) => ({ ...red, choice: "stop-finish", text });
  if (ringing + waiting === 0) return [finish(t("floor.stop.now"))];
  return [finish(t("floor.stop.finish")),
    { ...red, choice: "stop-message", text: t("floor.stop.message") }];
}

/** `finish` or `message`, by what was chosen. */
export function inFlight(choice) {
  return choice === "stop-message" ? "message" : "finish";
}

/** Make a button say that it does nothing now, and why; it keeps its place in the tab order. */
export function setBlocked(button, reason) {
  const blocked = Boolean(reason);
  if (blocked) button.setAttribute("aria-disabled", "true");
  else button.removeAttribute("aria-disabled");
  if (button.title !== (reason ?? "")) button.title = reason ?? "";
}

export function isBlocked(button) {
  return button.getAttribute("aria-disabled") === "true";
}
