/** What the desk says where the customer will stand while there is none. */

// A campaign that is not dialing leaves whoever waits for its customers waiting.
const NOT_DIALING = new Set(["paused", "draining", "stopped"]);

// Within this time a list that was looked through may have somebody again.
const LONG_S = 10;

/**
 * @param {{seat: object|null, campaign: object|null}|null} state of `/desk`
 * @param {number} seconds in the seat's state
 * @returns {string} id of the message
 */
export function waitingText(state, seconds = 0) {
  if (!state) return "waiting.connecting";
  const { seat, campaign } = state;
  if (!seat) return "waiting.no_campaign";
  const halted = NOT_DIALING.has(campaign?.running);
  if (seat.state === "available") {
    return halted ? "waiting.not_dialing" : available(campaign, seconds);
  }
  if (seat.state === "starting" && seat.checked) return "waiting.ready";
  return `waiting.${seat.state}`;
}

function available(campaign, seconds) {
  if (seconds >= LONG_S && campaign?.why) return `waiting.why.${campaign.why}`;
  return campaign?.mode === "preview" ? "waiting.preview" : "waiting.available";
}
