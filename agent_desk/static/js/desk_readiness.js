/**
 * From "the page is open" to "待機": the device check, and what was asked before it had passed.
 *
 * The check passes by itself as soon as the leg is up and a sound was heard. 待機 pressed before
 * that is remembered and carried out when it has; a refusal that a moment heals is asked again.
 */
import { DeviceCheck } from "./phone/device_check.js";

// The desk hears of a new leg and of the first pulses a moment after the page does.
const SOON_OVER = new Set(["media-down", "page-not-heard", "seat-not-open", "connection-lost"]);
const TRIES = 20;

export class Readiness {
  #commands;
  #seat;
  #local;
  #refuse;
  #check = new DeviceCheck();
  #passing = false;
  #triesLeft = TRIES;

  /**
   * @param {{commands: object, seat: () => object|null, local: object,
   *   refuse: (error: object) => void}} parts `refuse` says a refusal in words
   */
  constructor({ commands, seat, local, refuse }) {
    this.#commands = commands;
    this.#seat = seat;
    this.#local = local;
    this.#refuse = refuse;
  }

  get state() {
    return this.#check.state;
  }

  /** Another microphone or another leg: what was heard before says nothing. */
  restart() {
    this.#check.restart();
  }

  /** Take in a sample of the leg; `sending`: whether the microphone was on the line. */
  observe(sample, { sending }) {
    if (sending) this.#check.observe(sample);
    if (this.#check.state === "heard" || this.#seat()?.checked) this.pass();
  }

  /** 待機 was pressed. A second press on a silent microphone is the operator's word for it. */
  wantAvailable(microphoneLive) {
    const vouched = this.#check.state === "quiet" &&
      this.#local.state.hint === "device.press_again";
    this.#local.set({ wantsAvailable: true });
    if (this.#seat().checked || this.#check.state === "heard" || vouched) this.pass();
    else this.#local.set({ hint: this.#hint(microphoneLive) });
  }

  /** Tell the desk that this seat can be heard; then do what was waiting for it. */
  async pass() {
    const seat = this.#seat();
    const { wantsAvailable } = this.#local.state;
    if (!seat || this.#passing || (seat.checked && !wantsAvailable)) return;
    this.#passing = true;
    try {
      if (!seat.checked) {
        await this.#commands.send("device_passed", { level_dbfs: this.#check.levelDbfs });
      }
      if (this.#local.state.wantsAvailable) await this.#commands.send("go_available");
      this.#settled();
    } catch (refused) {
      this.#failed(refused.error ?? { id: "unexpected" });
    } finally {
      this.#passing = false;
    }
  }

  #failed(error) {
    this.#triesLeft -= 1;
    if (SOON_OVER.has(error.id) && this.#triesLeft > 0) return; // the next sample tries again
    this.#settled();
    this.#refuse(error);
  }

  #settled() {
    this.#triesLeft = TRIES;
    this.#local.set({ wantsAvailable: false, hint: null });
  }

  #hint(microphoneLive) {
    if (!microphoneLive) return "device.no_microphone";
    return this.#check.state === "quiet" ? "device.press_again" : "device.checking";
  }
}
