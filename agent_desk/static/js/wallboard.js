/** `/wallboard`: large figures for a screen on the wall, pushed; the link is the only way in. */
import { mergeById, reducerWith } from "./core/reducer.js";
import { Redraw } from "./core/redraw.js";
import { ServerClock } from "./core/server_clock.js";
import { LocalStore, ServerStore } from "./core/store.js";
import { PAGE_MS } from "./core/wallboard.js";
import { Heartbeat } from "./link/heartbeat.js";
import { Link } from "./link/socket.js";
import { WallTickets } from "./link/wall_tickets.js";
import { pageData } from "./page_data.js";
import { part, setText } from "./views/dom.js";
import { wallFigures } from "./views/wall_figures.js";

const THEME = "wallboard-theme";
const RESYNC_AGAIN_MS = 2000;

const { t, f, csrf } = pageData();
const root = document;
const server = new ServerStore(reducerWith(mergeById));
const local = new LocalStore({ link: "connecting", page: 0, paused: false });
const clock = new ServerClock(() => performance.now());
const redraw = new Redraw([server, local], { tickMs: 1000, ticksFollow: false });
const secret = location.hash.slice(1);

const tickets = new WallTickets(secret, { csrf, reload: () => location.reload() });
tickets.addEventListener("named", ({ detail: { name } }) => setText(part(root, "name"), name));
const link = new Link("/wallboard", ["snapshot", "update"], { tickets, tab: crypto.randomUUID() });
let resyncing = null;

function resync() {
  clearTimeout(resyncing);
  if (!link.up) return;
  link.emit("resync", {}, () => {});
  resyncing = setTimeout(resync, RESYNC_AGAIN_MS);
}

link.addEventListener("message", ({ detail }) => {
  clock.observe(detail.server_time);
  server.receive(detail);
  if (detail.type === "snapshot") clearTimeout(resyncing);
  if (server.inSync) local.set({ link: "up" });
});
link.addEventListener("down", () => {
  if (local.state.link !== "over") local.set({ link: "down" });
});
link.addEventListener("signed-out", () => local.set({ link: "over" }));
server.addEventListener("gap", resync);

// A feed can stop without closing: any answer will do.
const watch = new Heartbeat(link, "still_there", { payload: () => ({}), everyMs: () => 1500 });
watch.addEventListener("silence", ({ detail: { silent } }) => {
  if (link.up && server.inSync) local.set({ link: silent ? "silent" : "up" });
});

wallFigures({ root, server, local, clock, redraw, t, f });

let frozenAt = null;

function draw() {
  const { link: state } = local.state;
  const over = state === "over";
  const shown = Boolean(server.state) && !over;
  root.body.dataset.state = state;
  part(root, "main").hidden = !shown;
  part(root, "message").hidden = shown;
  setText(part(root, "message"), t(over ? "wall.over" : "wall.connecting"));
  const stale = shown && state !== "up";
  frozenAt = stale ? frozenAt ?? clock.now() : null;
  part(root, "stale").hidden = !stale;
  setText(part(root, "stale"), stale ? t("wall.stale", { time: f.exactTime(frozenAt) }) : "");
  if (clock.known) setText(part(root, "clock"), f.exactTime(clock.now()));
}
redraw.draw(draw);
redraw.tick(draw);

function theme(name) {
  root.documentElement.dataset.theme = name;
  setText(part(root, "theme"), t(name === "dark" ? "wall.light" : "wall.dark"));
}
theme(localStorage.getItem(THEME) === "light" ? "light" : "dark");
part(root, "theme").addEventListener("click", () => {
  const next = root.documentElement.dataset.theme === "dark" ? "light" : "dark";
  localStorage.setItem(THEME, next);
  theme(next);
});

const pause = part(root, "pause");
pause.addEventListener("click", () => {
  local.set({ paused: !local.state.paused });
  pause.setAttribute("aria-pressed", String(local.state.paused));
});
setInterval(() => {
  if (!local.state.paused) local.set({ page: local.state.page + 1 });
}, PAGE_MS);

if (secret) link.open();
else local.set({ link: "over" });
