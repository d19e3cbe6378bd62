/**
 * What the page offers in which state. The server decides what is allowed; a button that it would
 * refuse is disabled here so that nobody has to learn the law by pressing.
 */

const WITH_CUSTOMER = new Set(["talking", "hold"]);
const RECORDING = new Set(["talking", "hold", "wrap_up"]);

/**
 * @param {{seat: object, call: object|null, campaign: object}|null} state of `/desk`
 * @param {{linkUp: boolean}} local
 * @returns {Record<string, boolean>} one truth per control
 */
export function offers(state, { linkUp }) {
  const seat = state?.seat ?? null;
  const call = state?.call ?? null;
  const is = (...states) => seat !== null && states.includes(seat.state);
  const onCall = call !== null && WITH_CUSTOMER.has(seat?.state);
  const recording = call !== null && RECORDING.has(seat?.state);
  const previewing = isPreviewing(state);
  // A VIP is shown before the call in any mode.
  const preview = state?.campaign?.mode === "preview" || Boolean(state?.campaign?.vips) ||
    previewing;
  return {
    available: linkUp && !seat?.consult &&
      (is("starting", "away", "offline") || Boolean(seat?.queued_away)),
    away: linkUp && !seat?.consult &&
      is("starting", "available", "reserved", "talking", "hold", "wrap_up", "away"),
    awayIsQueued: is("reserved", "talking", "hold", "wrap_up"),
    hangUp: onCall || (call !== null && is("reserved") && !previewing),
    mute: onCall,
    hold: onCall,
    party: linkUp && onCall && !call.party,
    keypad: linkUp && onCall,
    leaveMessage: linkUp && onCall && Boolean(call.message) && !call.message.state &&
      !call.message.forbidden && !call.party && call.identity === "unknown" &&
      call.codes.length === 0,
    handToSurvey: linkUp && onCall && Boolean(call.survey) && !call.survey.state &&
      !call.survey.forbidden && !call.party,
    pauseRecording: onCall && Boolean(call.recording),
    record: recording,
    identity: onCall,
    thirdParty: recording,
    extend: is("wrap_up") && seat.extensions_left > 0,
    save: is("wrap_up") && call !== null,
    preview,
    nextCustomer: linkUp && preview && is("available") && call === null,
    dialByHand: linkUp && is("available") && call === null,
    previewing,
    previewed: linkUp && previewing,
  };
}

/** Whether the operator looks at a customer who has not been called yet. */
export function isPreviewing(state) {
  return Boolean(state?.call?.preview) && state.call.state === "leased";
}

/** Whether a status needs 本人確認 that has not happened on this call. */
export function awaitsIdentity(status, { call, campaign }) {
  return status.needs_identity && campaign.identity_needed && call?.identity !== "verified";
}

/** The statuses that fit whoever is spoken to: some are for talks with somebody else alone. */
export function statusesFor({ call, campaign }) {
  const elsewhere = !campaign.identity_needed || call?.identity === "third_party";
  return campaign.statuses.filter((status) =>
    !status.third_party || elsewhere || (call?.codes.includes(status.code) ?? false));
}

/** Whether nobody we know is on the line: nothing can be promised in the name of a stranger. */
export function isStranger(state) {
  return state?.record?.known === false;
}

/** Whether a status is pressed, counting presses that are still on their way to the server. */
export function isMarked(code, call, pending) {
  const presses = pending.filter(({ event, payload }) =>
    event === "mark_status" && payload.call_id === call?.id && payload.code === code);
  if (presses.length) return presses.at(-1).payload.on;
  return call?.codes.includes(code) ?? false;
}
