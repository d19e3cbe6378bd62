import assert from "node:assert/strict";
import test, { mock } from "node:test";
import { Microphone } from "../../../agent_desk/static/js/phone/devices.js";

/** A machine with microphones that are plugged in and out. */
function machine(...present) {
  const media = new EventTarget();
  const opened = [];
  Object.assign(media, {
    present, opened,
    enumerateDevices: async () => media.present.map((deviceId) => (
      { kind: "audioinput", deviceId, label: deviceId })),
    getUserMedia: async ({ audio }) => {
      if (media.denied) throw Object.assign(new Error(), { name: "NotAllowedError" });
      const deviceId = media.present.includes(audio.deviceId?.ideal)
        ? audio.deviceId.ideal : media.present[0];
      if (!deviceId) throw Object.assign(new Error(), { name: "NotFoundError" });
      const track = Object.assign(new EventTarget(), {
        readyState: "live", muted: false, getSettings: () => ({ deviceId }),
        stop() { this.readyState = "ended"; },
      });
      opened.push(track);
      return { getAudioTracks: () => [track] };
    },
  });
  const kept = new Map();
  const storage = {
    getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value),
  };
  return { media, mic: new Microphone({ media, storage }) };
}

const settle = async () => {
  mock.timers.tick(1000);
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};

test("f12 a headset pulled out is missing at once, and back when it is plugged in again", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { media, mic } = machine("headset");
  await mic.open();
  assert.equal(mic.state, "live");
  media.present = [];
  media.opened.at(-1).readyState = "ended";
  media.opened.at(-1).dispatchEvent(new Event("ended"));
  assert.deepEqual([mic.state, mic.live, mic.unmuted], ["missing", false, false]);
  await settle();
  assert.equal(mic.state, "missing");
  media.present = ["headset"];
  media.dispatchEvent(new Event("devicechange"));
  await settle();
  assert.deepEqual([mic.state, mic.live], ["live", true]);
  mock.timers.reset();
});

test("f12 a permission taken back is told apart from a headset that is gone", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { media, mic } = machine("headset");
  await mic.open();
  media.denied = true;
  media.opened.at(-1).readyState = "ended";
  media.opened.at(-1).dispatchEvent(new Event("ended"));
  assert.equal(mic.live, false);
  await settle();
  assert.equal(mic.state, "denied");
  mock.timers.reset();
});

test("f12 muted by the machine it is live and not heard", async () => {
  const { media, mic } = machine("headset");
  await mic.open();
  const [track] = media.opened;
  track.muted = true;
  track.dispatchEvent(new Event("mute"));
  assert.deepEqual([mic.state, mic.live, mic.unmuted], ["muted", true, false]);
});

test("another microphone stands in for the chosen one until that is plugged in again", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { media, mic } = machine("laptop", "headset");
  await mic.choose("headset");
  media.present = ["laptop"];
  media.opened.at(-1).readyState = "ended";
  media.opened.at(-1).dispatchEvent(new Event("ended"));
  await settle();
  assert.equal(mic.chosen, "laptop");
  media.present = ["laptop", "headset"];
  media.dispatchEvent(new Event("devicechange"));
  await settle();
  assert.equal(mic.chosen, "headset");
  mock.timers.reset();
});
