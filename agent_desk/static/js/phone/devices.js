/**
 * The operator's microphone: asked for once, watched for the whole shift.
 *
 * A headset pulled out, a permission taken back and a hardware mute switch all mean that a customer
 * would hear nothing; each becomes a state here within an event, and reaches the desk with the next
 * pulse. The choice of device is remembered on this machine.
 */
const REMEMBERED = "microphone";
const REOPEN_AFTER_MS = 700; // a re-plugged headset appears as several device changes
const PROBLEM_OF = {
  NotAllowedError: "denied",
  SecurityError: "denied",
  NotFoundError: "missing",
  OverconstrainedError: "missing",
  NotReadableError: "busy",
  AbortError: "busy",
};

/** Fires `change`. `state`: asking, live, muted, denied, missing, busy, unsupported. */
export class Microphone extends EventTarget {
  #media;
  #storage;
  #track = null;
  #state = "asking";
  #devices = [];
  #reopening = null;

  constructor({ media = navigator.mediaDevices, storage = localStorage } = {}) {
    super();
    this.#media = media;
    this.#storage = storage;
    media?.addEventListener("devicechange", () => this.#devicesChanged());
  }

  get state() {
    return this.#state;
  }

  /** The live audio track, or null. */
  get track() {
    return this.#track;
  }

  /** Microphones and loudspeakers: `{id, kind: "audioinput"|"audiooutput", label}`. */
  get devices() {
    return this.#devices;
  }

  get chosen() {
    return this.#track?.getSettings().deviceId ?? this.#storage.getItem(REMEMBERED) ?? "";
  }

  get live() {
    return this.#track?.readyState === "live";
  }

  get unmuted() {
    return this.live && !this.#track.muted;
  }

  /** Ask for the microphone; the outcome is `state`. Never throws. */
  async open() {
    if (!this.#media?.getUserMedia) return this.#become("unsupported");
    try {
      const stream = await this.#media.getUserMedia({ audio: this.#wishes() });
      this.#take(stream.getAudioTracks()[0]);
    } catch (error) {
      this.#become(PROBLEM_OF[error.name] ?? "missing");
    }
    await this.#listDevices();
  }

  /** Change to another microphone, and remember it. */
  async choose(deviceId) {
    this.#storage.setItem(REMEMBERED, deviceId);
    await this.open();
  }

  #wishes() {
    const deviceId = this.#storage.getItem(REMEMBERED);
    return {
      echoCancellation: true,
      noiseSuppression: true,
      autoGainControl: true,
      channelCount: 1,
      ...(deviceId ? { deviceId: { ideal: deviceId } } : {}),
    };
  }

  #take(track) {
    const old = this.#track;
    this.#track = track;
    for (const event of ["mute", "unmute"]) {
      track.addEventListener(event, () => track === this.#track && this.#look());
    }
    track.addEventListener("ended", () => track === this.#track && this.#ended());
    old?.stop();
    this.#look();
  }

  #look() {
    this.#become(this.#track.muted ? "muted" : "live");
  }

  #ended() {
    this.#become("missing");
    this.#devicesChanged();
  }

  #devicesChanged() {
    clearTimeout(this.#reopening);
    this.#reopening = setTimeout(async () => {
      if (!this.live || await this.#isBack()) await this.open();
      else await this.#listDevices();
    }, REOPEN_AFTER_MS);
  }

  /** Whether the microphone the operator chose was plugged in again while another one stood in. */
  async #isBack() {
    const wanted = this.#storage.getItem(REMEMBERED);
    if (!wanted || this.#track.getSettings().deviceId === wanted) return false;
    const all = await this.#media.enumerateDevices().catch(() => []);
    return all.some(({ kind, deviceId }) => kind === "audioinput" && deviceId === wanted);
  }

  async #listDevices() {
    const all = await this.#media.enumerateDevices().catch(() => []);
    this.#devices = all
      .filter(({ kind, deviceId }) => kind !== "videoinput" && deviceId)
      .map(({ kind, deviceId, label }) => ({ id: deviceId, kind, label }));
    this.dispatchEvent(new Event("change"));
  }

  #become(state) {
    this.#state = state;
    this.dispatchEvent(new Event("change"));
  }
}
