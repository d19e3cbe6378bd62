/**
 * Whether this seat can be heard, found out without asking the operator anything if possible.
 *
 * It passes when the leg is up, packets leave the browser, and the microphone picked up a sound. A
 * silent room is not a broken headset: after three seconds of listening the operator may vouch.
 */
const AUDIBLE_DBFS = -55;
const PATIENCE_S = 3;

export class DeviceCheck {
  #listenedS = 0;
  #loudest = -100;

  /** Take in one sample of the leg (`phone/levels.js`) while the microphone is being sent. */
  observe({ flowing, heardS, levelDbfs }) {
    if (!flowing) return;
    this.#listenedS += heardS;
    if (levelDbfs !== null) this.#loudest = Math.max(this.#loudest, levelDbfs);
  }

  /** Begin again: another microphone, or another leg. */
  restart() {
    this.#listenedS = 0;
    this.#loudest = -100;
  }

  /** `waiting` for media, `listening`, `quiet` (the operator may vouch) or `heard`. */
  get state() {
    if (this.#loudest >= AUDIBLE_DBFS) return "heard";
    if (this.#listenedS === 0) return "waiting";
    return this.#listenedS < PATIENCE_S ? "listening" : "quiet";
  }

  get levelDbfs() {
    return Math.round(this.#loudest * 10) / 10;
  }
}
