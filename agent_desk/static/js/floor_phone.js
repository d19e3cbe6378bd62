/**
 * A lead's own leg: made when the lead first wants into a call, taken down when it is of no use.
 *
 * The microphone is asked for before the first use, so that whispering later needs no question; it
 * is sent only while somebody hears it. A leg that breaks is not made anew by itself (another tab
 * of the lead may have one), unless the call has become the lead's: then a customer waits for it.
 */
import { hasTheCall, isHeard, needsLeg, ownUse } from "./core/supervision.js";
import { Microphone } from "./phone/devices.js";
import { Peer } from "./phone/peer.js";
import { Speaker } from "./phone/speaker.js";

const ELSEWHERE = "supervisor-elsewhere";
// The floor is told four times a second: for so long an order that was taken may not show yet.
const SHOWN_WITHIN_MS = 2000;

export class FloorPhone extends EventTarget {
  #send;
  #use;
  #seat = null;
  #starting = null;
  #waiting = null;
  #expected = null; // the mode and a timer, while an order was taken and is not shown yet
  #timers;

  /**
   * @param {{send: (event: string, payload: object) => Promise<object>, use: () => object|null,
   *   mic: object, speaker: object, peer: (offer: Function) => object}} parts `use` is what the
   *   server says of this lead (`core/supervision.js`)
   */
  constructor({ send, use, mic, speaker, peer, timers = globalThis }) {
    super();
    this.#timers = timers;
    this.#send = send;
    this.#use = use;
    this.mic = mic;
    this.speaker = speaker;
    this.peer = peer(async (sdp) =>
      (await send("supervision_offer", { sdp, seat: this.#seat })).answer_sdp);
    this.levelDbfs = null;
    mic.addEventListener("change", () => this.#micChanged());
    speaker.addEventListener("change", () => this.#changed());
    this.peer.addEventListener("change", () => this.#peerChanged());
    this.peer.addEventListener("stream", ({ detail }) => speaker.attach(detail));
    this.peer.addEventListener("sample", ({ detail }) => {
      this.levelDbfs = isHeard(this.#use()) ? detail.levelDbfs : null;
      this.#changed();
    });
  }

  /** The seat and mode that are being prepared: microphone, leg, order; or null. */
  get starting() {
    return this.#starting;
  }

  /** Into the call of a seat, or another mode there. Rejects with `{error}`. */
  async supervise(seat, mode) {
    if (this.#starting) return;
    this.#starting = { seat, mode };
    this.#changed();
    try {
      this.speaker.resume();
      await this.#openMicrophone();
      this.#seat = seat;
      await this.#legUp();
      if (isHeard({ asked: mode })) this.peer.setUplink(true);
      await this.#order(seat, mode);
      this.#expect(mode);
    } finally {
      this.#starting = null;
      this.follow();
    }
  }

  /** Do what the server's word asks for: the microphone out or not, the leg kept or not. */
  follow() {
    const use = this.#use();
    if (needsLeg(use) && (use.asked ?? use.mode) === this.#expected?.mode) this.#shown();
    if (this.#starting === null && this.#expected === null) {
      this.peer.setUplink(isHeard(use));
      if (!needsLeg(use) && this.peer.state !== "off") this.#rest();
    }
    this.#changed();
  }

  #expect(mode) {
    this.#shown();
    const timer = this.#timers.setTimeout(() => {
      this.#expected = null;
      this.follow();
    }, SHOWN_WITHIN_MS);
    this.#expected = { mode, timer };
  }

  #shown() {
    this.#timers.clearTimeout(this.#expected?.timer);
    this.#expected = null;
  }

  async #openMicrophone() {
    if (!this.mic.live) await this.mic.open();
    if (!this.mic.live) throw { error: { id: "microphone", state: this.mic.state } };
    this.peer.setTrack(this.mic.track);
  }

  async #order(seat, mode) {
    try {
      await this.#send("supervise", { seat, mode });
    } catch (refused) {
      if (refused.error?.id !== ELSEWHERE) throw refused;
      this.peer.renew(); // the offer names the seat, and so finds its gateway
      await this.#legUp();
      await this.#send("supervise", { seat, mode });
    }
  }

  #legUp() {
    this.peer.open();
    if (this.peer.state === "up") return Promise.resolve();
    return new Promise((resolve, reject) => { this.#waiting = { resolve, reject }; });
  }

  #peerChanged() {
    const { state, problem } = this.peer;
    const waiting = this.#waiting;
    if (state === "up") {
      this.#waiting = null;
      waiting?.resolve();
    } else if (state === "failed" && !hasTheCall(this.#use())) {
      this.#waiting = null;
      this.peer.close();
      waiting?.reject({ error: problem ?? { id: "media-failed" } });
    }
    this.#changed();
  }

  #micChanged() {
    this.peer.setTrack(this.mic.live ? this.mic.track : null);
    this.#changed();
  }

  // Nothing to hear any more: the browser does not go on showing that it records.
  #rest() {
    this.peer.close();
    this.mic.track?.stop();
    this.levelDbfs = null;
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

/** The phone of this page; it does what the server says from here on. */
export function floorPhone({ commands, server, me, audio, iceServers }) {
  const phone = new FloorPhone({
    send: (event, payload) => commands.send(event, payload),
    use: () => ownUse(server.state, me.username),
    mic: new Microphone(),
    speaker: new Speaker(audio),
    peer: (offer) => new Peer(offer, { iceServers, renewServers: fetchIceServers }),
  });
  server.addEventListener("change", () => phone.follow());
  addEventListener("pagehide", () => phone.peer.close());
  return phone;
}

/** Fresh relay credentials, for those of the page's start expire. */
async function fetchIceServers() {
  const answer = await fetch("/floor/ice-servers", {
    credentials: "same-origin", redirect: "error", signal: AbortSignal.timeout(4000),
  });
  if (!answer.ok) throw new Error(`ice servers: ${answer.status}`);
  return answer.json();
}
