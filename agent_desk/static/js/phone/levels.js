/** Samples of the leg, read from the browser's own statistics. */

/** dBFS of an amplitude between 0 and 1; silence is -100. */
export function toDbfs(amplitude) {
  return amplitude > 0.00001 ? 20 * Math.log10(amplitude) : -100;
}

/**
 * The counters of a statistics report that matter here.
 * @param {RTCStatsReport} report
 * @returns {object} counters; `energy` (of the microphone) and `voice` (of what arrives) are null
 *   where the browser does not measure them
 */
export function countersOf(report) {
  const found = {
    sent: 0, received: 0, lost: 0, jitterMs: 0, rttMs: 0, upLoss: 0, energy: null, seconds: 0,
    voice: null, voiceSeconds: 0,
    samples: 0, concealed: 0,
  };
  report.forEach((one) => {
    if (one.type === "inbound-rtp" && one.kind === "audio") {
      found.received = one.packetsReceived ?? 0;
      found.lost = Math.max(0, one.packetsLost ?? 0);
      found.jitterMs = (one.jitter ?? 0) * 1000;
      found.samples = one.totalSamplesReceived ?? 0;
      found.voice = one.totalAudioEnergy ?? null;
      found.voiceSeconds = one.totalSamplesDuration ?? 0;
      found.concealed = (one.concealedSamples ?? 0) - (one.silentConcealedSamples ?? 0);
    } else if (one.type === "outbound-rtp" && one.kind === "audio") {
      found.sent = one.packetsSent ?? 0;
    } else if (one.type === "remote-inbound-rtp" && one.kind === "audio") {
      found.upLoss = one.fractionLost ?? 0;
    } else if (one.type === "candidate-pair" && one.nominated && one.currentRoundTripTime) {
      found.rttMs = one.currentRoundTripTime * 1000;
    } else if (one.type === "media-source" && one.kind === "audio") {
      found.energy = one.totalAudioEnergy ?? null;
      found.seconds = one.totalSamplesDuration ?? 0;
    }
  });
  return found;
}

/**
 * What happened between two readings of the counters.
 * @param {object|null} before null at the first reading
 * @returns {{rttMs: number, jitterMs: number, loss: number, concealed: number, flowing: boolean,
 *   hearing: boolean,
 *   heardS: number, levelDbfs: number|null, voiceDbfs: number|null}} `flowing`: something was
 *   sent, `hearing`: something arrived; `heardS`: seconds of microphone the level is the mean of;
 *   `voiceDbfs`: of the customer's voice
 */
export function sampleBetween(before, after) {
  const received = Math.max(0, after.received - (before?.received ?? after.received));
  const lost = Math.max(0, after.lost - (before?.lost ?? after.lost));
  const flowing = before !== null && after.sent > before.sent;
  return {
    rttMs: after.rttMs,
    // An idle leg's figures are stale: those of the talk before.
    jitterMs: received ? after.jitterMs : 0,
    loss: Math.max(received + lost ? lost / (received + lost) : 0, flowing ? after.upLoss : 0),
    concealed: received ? share(before, after) : 0, // an idle leg invents its silence
    hearing: received > 0,
    flowing,
    heardS: Math.max(0, after.seconds - (before?.seconds ?? after.seconds)),
    levelDbfs: meanLevel(before, after, "energy", "seconds"),
    voiceDbfs: received ? meanLevel(before, after, "voice", "voiceSeconds") : null,
  };
}

// Of the sound that was played, what the browser had to invent because packets were lost or late.
function share(before, after) {
  const samples = after.samples - (before?.samples ?? after.samples);
  const concealed = after.concealed - (before?.concealed ?? after.concealed);
  return samples > 0 ? Math.min(1, Math.max(0, concealed / samples)) : 0;
}

// Energy adds up between readings, so that a short sound between two of them is not missed.
function meanLevel(before, after, energy, seconds) {
  const passed = after[seconds] - (before?.[seconds] ?? after[seconds]);
  if (after[energy] === null || before?.[energy] == null || passed <= 0) return null;
  return toDbfs(Math.sqrt(Math.max(0, after[energy] - before[energy]) / passed));
}
