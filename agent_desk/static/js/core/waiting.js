/** What the desk says where the customer will stand while there is none. */

// A campaign that is not dialing leaves whoever waits for its customers waiting.
const NOT_DIALING = new Set(["paused", "draining", "stopped"]);

/**
 * @param {{seat: object|null, campaign: object|null}|null} state of `/desk`
 * @returns {string} id of the message
 */
export function waitingText(state) {
  if (!state) return "waiting.connecting";
  const { seat, campaign } = state;
  if (!seat) return "waiting.no_campaign";
  const halted = NOT_DIALING.has(campaign?.running);
  if (seat.state === "available" && halted) return "waiting.not_dialing";
  if (seat.state === "starting" && seat.checked) return "waiting.ready";
  return `waiting.${seat.state}`;
}
