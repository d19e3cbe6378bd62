/**
 * The desk's connection: two namespaces, the commands that travel on them, and the truth about
 * whether anybody is listening (`connecting`, `up`, `silent`, `down`).
 */
import { noticeText } from "./core/messages.js";
import { inventedShare } from "./core/quality.js";
import { Commands } from "./link/commands.js";
import { Heartbeat } from "./link/heartbeat.js";
import { Link } from "./link/socket.js";
import { Tickets } from "./link/tickets.js";

const EVENTS = ["snapshot", "update", "notice", "taken_over"];
const RESYNC_AGAIN_MS = 2000;
const PULSE_MS = 1000; // while a customer may be connected any moment
const SLOW_PULSE_MS = 1500;
const URGENT = new Set(["starting", "available", "reserved"]);
const WITH_CUSTOMER = new Set(["talking", "hold"]);

export function deskLink({ csrf, owner, server, local, clock, notice, t }) {
  const tickets = new Tickets(["/desk", "/pulse"], { csrf });
  const tab = crypto.randomUUID(); // of this page load: a reload is another page to the desk
  const desk = new Link("/desk", EVENTS, { tickets, tab });
  const pulseLink = new Link("/pulse", [], { tickets, tab });
  const commands = new Commands((...message) => desk.emit(...message), {
    owner, newId: () => crypto.randomUUID(), storage: sessionStorage,
  });
  let phone = null;
  let resyncing = null;
  const pulse = new Heartbeat(pulseLink, "pulse", {
    payload: () => beatOf(phone, local.state.samples),
    everyMs: () => (URGENT.has(server.state?.seat?.state) ? PULSE_MS : SLOW_PULSE_MS),
  });

  const receive = {
    snapshot: take,
    update: take,
    notice: ({ id, params }) => notice.info(noticeText(t, id, params)),
    taken_over: () => giveUp(),
  };

  function take(message) {
    clock.observe(message.server_time);
    server.receive(message);
    if (message.type !== "snapshot") return;
    clearTimeout(resyncing);
    showLink();
  }

  /** Something was missed: ask for the whole truth, and again until it comes. */
  function resync() {
    clearTimeout(resyncing);
    if (!desk.up) return;
    commands.send("resync").catch(() => {}); // the next attempt is already scheduled
    resyncing = setTimeout(resync, RESYNC_AGAIN_MS);
  }

  function showLink({ silent = false } = {}) {
    if (!desk.up) local.set({ link: "down" });
    else if (silent) local.set({ link: "silent" });
    else if (server.inSync) local.set({ link: "up" });
  }

  /** The log-in was ended. A customer on the line is not cut off: the page goes with the audio. */
  function leave() {
    const go = () => location.assign("/login");
    if (!WITH_CUSTOMER.has(server.state?.seat?.state) || phone?.peer.state !== "up") {
      go();
      return;
    }
    local.set({ over: true, link: "down" });
    phone.peer.addEventListener("change", () => phone.peer.state !== "up" && go());
  }

  function giveUp() {
    local.set({ takenOver: true });
    phone.peer.close();
    desk.close();
    pulseLink.close();
  }

  function takeBack() {
    local.set({ takenOver: false });
    open();
  }

  function open() {
    desk.open();
    pulseLink.open();
  }

  desk.addEventListener("message", ({ detail }) => receive[detail.type](detail));
  desk.addEventListener("up", () => { commands.connected(); });
  desk.addEventListener("down", () => { commands.disconnected(); showLink(); });
  for (const link of [desk, pulseLink]) {
    link.addEventListener("signed-out", leave);
  }
  server.addEventListener("gap", resync);
  pulse.addEventListener("silence", ({ detail }) => showLink(detail));
  commands.addEventListener("change", () => local.set({ pending: commands.pending }));
  commands.addEventListener("refused", ({ detail: { error } }) =>
    notice.problem(t.has(`error.${error.id}`) ? t(`error.${error.id}`) : t("error.unexpected")));
  local.set({ pending: commands.pending });

  /** The phone reports with each pulse, and at once when the microphone changes. */
  function attachPhone(attached) {
    phone = attached;
    phone.mic.addEventListener("change", () => pulse.beatNow());
  }

  return { commands, open, takeBack, attachPhone };
}

function beatOf(phone, samples) {
  const sample = samples.at(-1);
  return {
    track_live: phone?.mic.live ?? false,
    track_unmuted: phone?.mic.unmuted ?? false,
    hidden: document.hidden,
    loss: sample?.loss ?? 0,
    jitter_ms: sample?.jitterMs ?? 0,
    rtt_ms: sample?.rttMs ?? 0,
    concealed: inventedShare(samples),
  };
}
