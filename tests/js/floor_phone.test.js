import assert from "node:assert/strict";
import { test } from "node:test";
import { FloorPhone } from "../../agent_desk/static/js/floor_phone.js";
import { FakeTimers } from "./timers.js";

class Mic extends EventTarget {
  state = "asking";
  track = null;
  answer = "live";
  devices = [];

  get live() { return this.track !== null && !this.track.stopped; }

  async open() {
    this.state = this.answer;
    this.track = this.answer === "live"
      ? { stopped: false, stop() { this.stopped = true; } } : null;
    this.dispatchEvent(new Event("change"));
  }
}

class Speaker extends EventTarget {
  blocked = false;
  attach() {}
  resume() {}
}

class Peer extends EventTarget {
  state = "off";
  problem = null;
  uplink = false;
  opened = 0;
  offer;

  setTrack() {}
  setUplink(on) { this.uplink = on; }
  open() {
    if (this.state !== "off") return;
    this.become("connecting");
  }
  renew() { this.become("connecting"); }
  close() { this.become("off"); }
  become(state) {
    this.state = state;
    if (state === "connecting") this.opened += 1;
    this.dispatchEvent(new Event("change"));
  }
}

const LISTENING = { seat: "operator1", mode: "listen", asked: "listen" };

function floor({ refuse = () => null } = {}) {
  const scene = { use: null, sent: [], mic: new Mic(), peer: new Peer(), timers: new FakeTimers() };
  scene.phone = new FloorPhone({
    mic: scene.mic, speaker: new Speaker(), use: () => scene.use, timers: scene.timers,
    peer: (offer) => { scene.peer.offer = offer; return scene.peer; },
    send: async (event, payload) => {
      scene.sent.push([event, payload]);
      const error = refuse(event, scene.sent.length);
      if (error) throw { error };
      return { answer_sdp: "answer" };
    },
  });
  scene.turn = () => new Promise((resolve) => { setImmediate(resolve); });
  scene.show = (use) => { scene.use = use; scene.phone.follow(); };
  return scene;
}

async function listening() {
  const scene = floor();
  const done = scene.phone.supervise("operator1", "listen");
  await scene.turn();
  scene.peer.become("up");
  await done;
  scene.show(LISTENING);
  return scene;
}

test("the first use asks for the microphone, makes the leg, and then gives the order", async () => {
  const scene = floor();
  const done = scene.phone.supervise("operator1", "listen");
  assert.deepEqual(scene.phone.starting, { seat: "operator1", mode: "listen" });
  await scene.turn();
  assert.deepEqual([scene.mic.state, scene.peer.state, scene.sent], ["live", "connecting", []]);
  assert.equal(await scene.peer.offer("v=0"), "answer");
  assert.deepEqual(scene.sent.pop(), ["supervision_offer", { sdp: "v=0", seat: "operator1" }]);
  scene.peer.become("up");
  await done;
  assert.deepEqual(scene.sent, [["supervise", { seat: "operator1", mode: "listen" }]]);
  assert.equal(scene.phone.starting, null);
});

test("a refused microphone is said, and nothing is asked of the desk", async () => {
  const scene = floor();
  scene.mic.answer = "denied";
  await assert.rejects(scene.phone.supervise("operator1", "whisper"), (refused) =>
    refused.error.id === "microphone" && refused.error.state === "denied");
  assert.deepEqual([scene.sent, scene.peer.state], [[], "off"]);
});

test("the microphone goes out while somebody hears it, and at no other time", async () => {
  const scene = await listening();
  assert.equal(scene.peer.uplink, false);
  await scene.phone.supervise("operator1", "whisper");
  assert.equal(scene.peer.uplink, true, "not a word is lost until the floor shows it");
  scene.show({ ...LISTENING });
  assert.equal(scene.peer.uplink, true, "an older picture of the floor");
  scene.show({ ...LISTENING, asked: "whisper" });
  scene.show({ ...LISTENING, mode: "whisper", asked: "whisper" });
  assert.equal(scene.peer.uplink, true);
  scene.show(LISTENING);
  assert.equal(scene.peer.uplink, false);
});

test("switching makes no second leg", async () => {
  const scene = await listening();
  await scene.phone.supervise("operator1", "barge");
  assert.equal(scene.peer.opened, 1);
});

test("an order the floor does not show yet keeps its leg; one it never shows gives it up", async () => {
  const scene = floor();
  const done = scene.phone.supervise("operator1", "listen");
  await scene.turn();
  scene.peer.become("up");
  await done;
  scene.show(null);
  assert.equal(scene.peer.state, "up");
  scene.timers.pass(2000);
  assert.equal(scene.peer.state, "off");
});

test("when it is over the leg and the microphone are given up", async () => {
  const scene = await listening();
  const { track } = scene.mic;
  scene.show({ ...LISTENING, mode: null, waiting: true });
  assert.equal(scene.peer.state, "up", "the operator's next call is waited for");
  scene.show(null);
  assert.deepEqual([scene.peer.state, track.stopped], ["off", true]);
});

test("a leg that breaks is left to the lead, unless a customer waits for it", async () => {
  const scene = await listening();
  scene.peer.become("failed");
  assert.equal(scene.peer.state, "off");
  const taken = await listening();
  taken.show({ ...LISTENING, mode: "take_over", asked: "take_over" });
  taken.peer.become("failed");
  assert.equal(taken.peer.state, "failed", "the peer makes it anew");
});

test("a leg that does not come up is said", async () => {
  const scene = floor();
  const done = scene.phone.supervise("operator1", "listen");
  await scene.turn();
  scene.peer.problem = { id: "media-timeout" };
  scene.peer.become("failed");
  await assert.rejects(done, (refused) => refused.error.id === "media-timeout");
});

test("a call on another gateway gets a leg there, once", async () => {
  const elsewhere = (event, nth) => (nth === 1 ? { id: "supervisor-elsewhere" } : null);
  const scene = floor({ refuse: elsewhere });
  const done = scene.phone.supervise("operator1", "listen");
  await scene.turn();
  scene.peer.become("up");
  await scene.turn();
  assert.equal(scene.peer.state, "connecting");
  scene.peer.become("up");
  await done;
  assert.deepEqual(scene.sent.map(([event]) => event), ["supervise", "supervise"]);
});
