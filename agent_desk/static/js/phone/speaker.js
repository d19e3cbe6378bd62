/** Where the customer's voice comes out: one audio element, and the device it plays on. */
const REMEMBERED = "speaker";

/** Fires `change`. `blocked` is true while the browser waits for a click before it plays. */
export class Speaker extends EventTarget {
  #audio;
  #storage;
  #blocked = false;

  constructor(audio, { storage = localStorage } = {}) {
    super();
    this.#audio = audio;
    this.#storage = storage;
  }

  get blocked() {
    return this.#blocked;
  }

  get choosable() {
    return typeof this.#audio.setSinkId === "function";
  }

  get chosen() {
    return this.#storage.getItem(REMEMBERED) ?? "";
  }

  /** Play this stream from now on. */
  async attach(stream) {
    this.#audio.srcObject = stream;
    const deviceId = this.chosen;
    if (deviceId && this.choosable) {
      await this.#audio.setSinkId(deviceId).catch(() => this.#storage.removeItem(REMEMBERED));
    }
    await this.resume();
  }

  /** Start playing; needs a click of the operator when the browser says so. */
  async resume() {
    try {
      await this.#audio.play();
      this.#become(false);
    } catch (error) {
      // AbortError: a newer stream replaced this one, and its own `play` is under way
      this.#become(error.name === "NotAllowedError");
    }
  }

  async choose(deviceId) {
    await this.#audio.setSinkId(deviceId);
    this.#storage.setItem(REMEMBERED, deviceId);
    this.dispatchEvent(new Event("change"));
  }

  #become(blocked) {
    if (blocked === this.#blocked) return;
    this.#blocked = blocked;
    this.dispatchEvent(new Event("change"));
  }
}
