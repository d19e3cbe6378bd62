/**
 * The only file that knows `RTCPeerConnection`: the seat's standing leg to the gateway.
 *
 * One offer with all candidates, one answer, and then nothing is negotiated for the whole shift:
 * the gateway switches calls behind it. There is no ICE restart on the other side, so a broken leg
 * is replaced by a new one, after a growing pause. G.711 alone is offered because the gateway never
 * transcodes. Candidates ending in `.local` are dropped: the gateway could only wait for them.
 */
import { backOff } from "../core/back_off.js";
import { countersOf, sampleBetween } from "./levels.js";

const GATHER_WITHIN_MS = 1500;
const CONNECT_WITHIN_MS = 8000;
const SETTLE_MS = 2000; // `disconnected` often heals by itself
const SAMPLE_MS = 1000;
const RELAY_REFUSES = 401;
const EAGER = { samples: 16, everyMs: 250 }; // right after connecting: the device check waits

/** Fires `change`, `sample` (detail: see `phone/levels.js`) and `stream` (detail: MediaStream). */
export class Peer extends EventTarget {
  #offer;
  #iceServers;
  #renewServers;
  #refusedByRelay = false;
  #pc = null;
  #sender = null;
  #track = null;
  #uplink = false;
  #wanted = false;
  #state = "off";
  #problem = null;
  #tries = 0;
  #turn = 0; // counts the legs, so that one that is given up knows it
  #timer = null;
  #sampling = null;
  #counters = null;

  /**
   * @param {(sdp: string) => Promise<string>} offer hands an offer to the desk, gives the answer
   * @param {{iceServers: RTCIceServer[], renewServers: () => Promise<RTCIceServer[]>}} options
   *   `renewServers` gets fresh relay credentials, for those of the page's start expire
   */
  constructor(offer, { iceServers, renewServers }) {
    super();
    this.#offer = offer;
    this.#iceServers = iceServers;
    this.#renewServers = renewServers;
  }

  /** `off`, `connecting`, `up` or `failed` (a new attempt follows). */
  get state() {
    return this.#state;
  }

  /** Error of the last failed attempt, `{id, …}`, or null. */
  get problem() {
    return this.#problem;
  }

  /** Stand up the leg, and keep it up until `close`. */
  open() {
    this.#wanted = true;
    if (this.#state === "off" || this.#state === "failed") this.#build();
  }

  /** Take the leg down and leave it down. */
  close() {
    this.#wanted = false;
    this.#tearDown();
    this.#become("off");
  }

  /** Replace the leg: the desk says it hears nothing, or the old one was lost. */
  renew() {
    if (this.#wanted && this.#state !== "connecting") this.#build();
  }

  /** The microphone's track, live or null. */
  setTrack(track) {
    this.#track = track;
    this.#send();
  }

  /** Whether the microphone is sent at all; between calls nothing leaves the desk. */
  setUplink(on) {
    if (on === this.#uplink) return;
    this.#uplink = on;
    this.#send();
  }

  async #build() {
    this.#tearDown();
    this.#become("connecting");
    const turn = (this.#turn += 1);
    if (this.#refusedByRelay) {
      this.#iceServers = await this.#renewServers().catch(() => this.#iceServers);
      if (turn !== this.#turn) return; // closed or begun anew meanwhile
      this.#refusedByRelay = false;
    }
    const pc = new RTCPeerConnection({ iceServers: this.#iceServers, bundlePolicy: "max-bundle" });
    this.#pc = pc;
    try {
      this.#prepare(pc);
      await this.#negotiate(pc);
    } catch (error) {
      if (pc === this.#pc) this.#failed(error.error ?? { id: "media-failed" });
    }
  }

  #prepare(pc) {
    const transceiver = pc.addTransceiver("audio", { direction: "sendrecv" });
    this.#sender = transceiver.sender;
    const codecs = RTCRtpReceiver.getCapabilities("audio").codecs
      .filter(({ mimeType }) => /^audio\/pcm[ua]$/i.test(mimeType));
    if (codecs.length) transceiver.setCodecPreferences?.(codecs);
    pc.addEventListener("track", ({ track, streams }) => {
      const stream = streams[0] ?? new MediaStream([track]);
      this.dispatchEvent(new CustomEvent("stream", { detail: stream }));
    });
    pc.addEventListener("connectionstatechange", () => this.#look(pc));
    // 401 is also a relay's first answer to everybody; only the last one comes as an event.
    pc.addEventListener("icecandidateerror", ({ errorCode }) => {
      if (pc === this.#pc && errorCode === RELAY_REFUSES) this.#refusedByRelay = true;
    });
    this.#send();
  }

  async #negotiate(pc) {
    await pc.setLocalDescription();
    await gathered(pc);
    const { sdp } = pc.localDescription;
    // Where only a relay leads to the gateway there is no way left to wait for.
    if (this.#refusedByRelay && !sdp.includes("a=candidate:")) throw new Error("no way out");
    const answer = await this.#offer(withoutLocalNames(sdp));
    if (pc !== this.#pc) return;
    await pc.setRemoteDescription({ type: "answer", sdp: answer });
    if (pc !== this.#pc || pc.connectionState === "connected") return;
    this.#timer = setTimeout(() => this.#failed({ id: "media-timeout" }), CONNECT_WITHIN_MS);
  }

  #look(pc) {
    if (pc !== this.#pc) return;
    if (pc.connectionState === "connected") this.#connected(pc);
    else if (pc.connectionState === "failed" || pc.connectionState === "closed") {
      this.#failed({ id: "media-lost" });
    } else if (pc.connectionState === "disconnected") {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#failed({ id: "media-lost" }), SETTLE_MS);
    }
  }

  #connected(pc) {
    clearTimeout(this.#timer);
    this.#tries = 0;
    this.#problem = null;
    this.#become("up");
    this.#counters = null;
    clearTimeout(this.#sampling);
    this.#sample(pc, EAGER.samples);
  }

  async #sample(pc, eager) {
    const counters = countersOf(await pc.getStats());
    if (pc !== this.#pc) return;
    const detail = sampleBetween(this.#counters, counters);
    this.#counters = counters;
    this.dispatchEvent(new CustomEvent("sample", { detail }));
    this.#sampling = setTimeout(() => this.#sample(pc, eager - 1),
      eager > 0 ? EAGER.everyMs : SAMPLE_MS);
  }

  #failed(problem) {
    this.#tearDown();
    this.#tries += 1;
    this.#problem = this.#refusedByRelay ? { id: "relay-refused" } : problem;
    this.#become("failed");
    if (this.#wanted) this.#timer = setTimeout(() => this.#build(), backOff(this.#tries));
  }

  #tearDown() {
    this.#turn += 1;
    clearTimeout(this.#timer);
    clearTimeout(this.#sampling);
    const pc = this.#pc;
    this.#pc = null;
    this.#sender = null;
    pc?.close();
  }

  // A sender without a track sends no packets and needs no negotiation to get one back.
  #send() {
    const track = this.#uplink ? this.#track : null;
    if (this.#sender && this.#sender.track !== track) {
      this.#sender.replaceTrack(track).catch(() => this.#failed({ id: "media-failed" }));
    }
  }

  #become(state) {
    this.#state = state;
    this.dispatchEvent(new Event("change"));
  }
}

/** Resolves when all candidates are known, or soon enough. */
function gathered(pc) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, GATHER_WITHIN_MS);
    const look = () => {
      if (pc.iceGatheringState !== "complete") return;
      clearTimeout(timer);
      resolve();
    };
    pc.addEventListener("icegatheringstatechange", look);
    look();
  });
}

function withoutLocalNames(sdp) {
  return sdp.split("\r\n").filter((line) => !/^a=candidate:.*\.local\b/.test(line)).join("\r\n");
}
