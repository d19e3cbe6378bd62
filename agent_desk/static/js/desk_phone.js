/**
 * The softphone of the desk: microphone, leg and loudspeaker, driven by what the server says.
 *
 * The microphone is sent while a customer may hear it and during the device check, and at no other
 * time. The device check passes by itself as soon as the leg is up and a sound was heard; 待機
 * pressed before that is remembered and carried out when it has.
 */
import { DeviceCheck } from "./phone/device_check.js";
import { Microphone } from "./phone/devices.js";
import { Peer } from "./phone/peer.js";
import { Speaker } from "./phone/speaker.js";
import { withSample } from "./core/quality.js";

const SENDING = new Set(["reserved", "talking", "hold"]);
const DISAGREEMENT_MS = 4000; // the desk says the leg is down while the browser thinks it is up

export function deskPhone({ commands, server, local, audio, iceServers, pulse }) {
  const mic = new Microphone();
  const speaker = new Speaker(audio);
  const check = new DeviceCheck();
  const peer = new Peer(
    async (sdp) => (await commands.send("media_offer", { sdp })).answer_sdp, { iceServers });
  let passing = false;
  let disagreement = null;
  const seat = () => server.state?.seat;

  mic.addEventListener("change", () => {
    if (mic.track !== local.state.track) check.restart();
    peer.setTrack(mic.live ? mic.track : null);
    local.set({ mic: mic.state, devices: mic.devices, chosenMic: mic.chosen, track: mic.track });
    pulse().beatNow();
    openWhenReady();
    applySeat();
  });
  speaker.addEventListener("change", () => showSpeaker());
  peer.addEventListener("change", () => {
    if (peer.state !== "up") check.restart();
    local.set({ media: peer.state, mediaProblem: peer.problem, samples: [], check: check.state });
  });
  peer.addEventListener("stream", ({ detail }) => speaker.attach(detail));
  peer.addEventListener("sample", ({ detail }) => takeSample(detail));
  server.addEventListener("change", () => { openWhenReady(); applySeat(); });

  function showSpeaker() {
    local.set({
      speakerBlocked: speaker.blocked,
      chosenSpeaker: speaker.chosen,
      speakerChoosable: speaker.choosable,
    });
  }

  function openWhenReady() {
    if (mic.live && seat() && !local.state.takenOver) peer.open();
  }

  function sending() {
    return Boolean(seat()) && (!seat().checked || local.state.echo || SENDING.has(seat().state));
  }

  function applySeat() {
    peer.setUplink(sending());
    if (mic.track && seat()) mic.track.enabled = !(seat().muted && SENDING.has(seat().state));
    const disagree = seat()?.media === "down" && peer.state === "up";
    if (!disagree) {
      clearTimeout(disagreement);
      disagreement = null;
    } else {
      disagreement ??= setTimeout(() => { disagreement = null; peer.renew(); }, DISAGREEMENT_MS);
    }
  }

  function takeSample(sample) {
    if (sending()) check.observe(sample);
    local.set({
      samples: withSample(local.state.samples, sample),
      levelDbfs: sending() ? sample.levelDbfs : null,
      check: check.state,
    });
    if (check.state === "heard") pass();
  }

  /** Tell the desk that this seat can be heard; then do what was waiting for it. */
  async function pass() {
    if (!seat() || passing) return;
    passing = true;
    try {
      if (!seat().checked) await commands.send("device_passed", { level_dbfs: check.levelDbfs });
      if (local.state.wantsAvailable) {
        local.set({ wantsAvailable: false, hint: null });
        await commands.send("go_available");
      }
    } finally {
      passing = false;
    }
  }

  showSpeaker();
  mic.open();
  return { mic, speaker, peer, check, pass };
}

/** What the buttons of the device panel and 待機 do with the phone. */
export function phoneActions(act, phone, { commands, server, local, notice }) {
  const test = async (kind) => {
    try {
      await commands.send("device_test", { kind });
    } catch (refused) {
      notice.problem(act.explain(refused.error));
    }
  };
  const pass = () => phone.pass().catch((refused) => {
    local.set({ wantsAvailable: false, hint: null });
    notice.problem(act.explain(refused.error ?? { id: "unexpected" }));
  });

  Object.assign(act, {
    retryMicrophone: () => phone.mic.open(),
    resumeSpeaker: () => phone.speaker.resume(),
    chooseMicrophone: (id) => phone.mic.choose(id),
    chooseSpeaker: (id) => phone.speaker.choose(id),
    vouchForDevices: pass,
    playTone: () => test("tone"),
    echo(on) {
      local.set({ echo: on });
      phone.peer.setUplink(on || !server.state.seat.checked);
      return test(on ? "echo" : "stop");
    },
    available() {
      const { seat } = server.state;
      phone.speaker.resume();
      if (seat.queued_away) return act.cancelAway();
      local.set({ wantsAvailable: true });
      const vouched = phone.check.state === "quiet" && local.state.hint === "device.press_again";
      if (seat.checked || phone.check.state === "heard" || vouched) return pass();
      local.set({ hint: hintFor(phone) });
      return undefined;
    },
  });
}

function hintFor(phone) {
  if (!phone.mic.live) return "device.no_microphone";
  return phone.check.state === "quiet" ? "device.press_again" : "device.checking";
}
