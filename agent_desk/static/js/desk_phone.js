/**
 * The softphone of the desk: microphone, leg and loudspeaker, driven by what the server says.
 *
 * The microphone is sent while a customer may hear it and during the device check, and at no other
 * time.
 */
import { withSample } from "./core/quality.js";
import { Readiness } from "./desk_readiness.js";
import { Microphone } from "./phone/devices.js";
import { Disagreement } from "./phone/disagreement.js";
import { Peer } from "./phone/peer.js";
import { Speaker } from "./phone/speaker.js";

const SENDING = new Set(["reserved", "talking", "hold"]);

export class DeskPhone {
  #server;
  #local;
  #disagreement = new Disagreement(() => this.peer.renew());

  constructor({ commands, server, local, audio, iceServers, refuse }) {
    this.#server = server;
    this.#local = local;
    this.mic = new Microphone();
    this.speaker = new Speaker(audio);
    this.readiness = new Readiness({ commands, local, refuse, seat: () => this.#seat });
    this.peer = new Peer(
      async (sdp) => (await commands.send("media_offer", { sdp })).answer_sdp,
      { iceServers, renewServers: fetchIceServers });
    this.#connect();
  }

  /** Ask for the microphone; the leg follows when the seat is known. */
  open() {
    this.#showSpeaker();
    this.mic.open();
  }

  /** Hear one's own voice through the gateway. */
  echo(on) {
    this.#local.set({ echo: on });
    this.#followSeat();
  }

  #connect() {
    this.mic.addEventListener("change", () => this.#micChanged());
    this.speaker.addEventListener("change", () => this.#showSpeaker());
    this.peer.addEventListener("change", () => this.#peerChanged());
    this.peer.addEventListener("stream", ({ detail }) => this.speaker.attach(detail));
    this.peer.addEventListener("sample", ({ detail }) => this.#takeSample(detail));
    this.#server.addEventListener("change", () => this.#followSeat());
  }

  get #seat() {
    return this.#server.state?.seat ?? null;
  }

  get #sending() {
    const seat = this.#seat;
    return seat !== null &&
      (!seat.checked || this.#local.state.echo || Boolean(seat.consult) || SENDING.has(seat.state));
  }

  #micChanged() {
    const { mic } = this;
    if (mic.track !== this.#local.state.track) this.readiness.restart();
    this.peer.setTrack(mic.live ? mic.track : null);
    this.#local.set({
      mic: mic.state, devices: mic.devices, chosenMic: mic.chosen, track: mic.track,
    });
    this.#followSeat();
  }

  #peerChanged() {
    const { peer, readiness } = this;
    if (peer.state !== "up") readiness.restart();
    this.#local.set({
      media: peer.state, mediaProblem: peer.problem, samples: [], check: readiness.state,
    });
  }

  #showSpeaker() {
    const { blocked, chosen, choosable } = this.speaker;
    this.#local.set({
      speakerBlocked: blocked, chosenSpeaker: chosen, speakerChoosable: choosable,
    });
  }

  #takeSample(sample) {
    const sending = this.#sending;
    this.readiness.observe(sample, { sending });
    this.#local.set({
      samples: withSample(this.#local.state.samples, sample),
      levelDbfs: sending ? sample.levelDbfs : null,
      voiceDbfs: sample.voiceDbfs,
      check: this.readiness.state,
    });
    this.#watchLeg();
  }

  #followSeat() {
    const seat = this.#seat;
    const { mic, peer } = this;
    if (seat && mic.live && !this.#local.state.takenOver) peer.open();
    peer.setUplink(this.#sending);
    if (seat && mic.track) mic.track.enabled = !(seat.muted && SENDING.has(seat.state));
    this.#watchLeg();
  }

  #watchLeg() {
    this.#disagreement.look({
      up: this.peer.state === "up",
      saidDown: this.#seat?.media === "down",
      hearing: this.#local.state.samples.at(-1)?.hearing ?? false,
    });
  }
}

async function fetchIceServers() {
  const answer = await fetch("/desk/ice-servers", {
    credentials: "same-origin", redirect: "error", signal: AbortSignal.timeout(4000),
  });
  if (!answer.ok) throw new Error(`ice servers: ${answer.status}`);
  return answer.json();
}

/** What the buttons of the device panel and 待機 do with the phone. */
export function phoneActions(act, phone, { commands, server, notice }) {
  const test = (kind) => commands.send("device_test", { kind })
    .catch((refused) => notice.problem(act.explain(refused.error ?? { id: "unexpected" })));

  Object.assign(act, {
    retryMicrophone: () => phone.mic.open(),
    resumeSpeaker: () => phone.speaker.resume(),
    chooseMicrophone: (id) => phone.mic.choose(id),
    chooseSpeaker: (id) => phone.speaker.choose(id),
    vouchForDevices: () => phone.readiness.pass(),
    playTone: () => test("tone"),
    echo(on) {
      phone.echo(on);
      return test(on ? "echo" : "stop");
    },
    available() {
      phone.speaker.resume();
      if (server.state.seat.queued_away) act.cancelAway();
      else phone.readiness.wantAvailable(phone.mic.live);
    },
  });
}
