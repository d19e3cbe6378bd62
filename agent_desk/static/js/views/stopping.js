/** The words and choices of a stop (rule R59), for one campaign and for all of them. */

/** What to choose from: with nobody in flight there is nothing to choose. */
export function stopChoices(t, { ringing, waiting }) {
  if (ringing + waiting === 0) {
    return [{ choice: "stop-finish", text: t("floor.stop.now"), look: "button-danger", icon: "stop" }];
  }
  return [
    { choice: "stop-finish", text: t("floor.stop.finish"), look: "button-danger", icon: "stop" },
    { choice: "stop-message", text: t("floor.stop.message"), look: "button-danger", icon: "stop" },
  ];
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
