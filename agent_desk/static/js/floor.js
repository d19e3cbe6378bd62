/** `/floor`: every live seat and every campaign, pushed; builds the parts and connects them. */
import { Doing } from "./core/doing.js";
import { FIRST_LOOK } from "./core/floor_look.js";
import { errorText, noticeText } from "./core/messages.js";
import { mergeById, reducerWith } from "./core/reducer.js";
import { Redraw } from "./core/redraw.js";
import { ServerClock } from "./core/server_clock.js";
import { LocalStore, ServerStore } from "./core/store.js";
import { floorPhone } from "./floor_phone.js";
import { Commands } from "./link/commands.js";
import { keptViews } from "./link/floor_views.js";
import { Heartbeat } from "./link/heartbeat.js";
import { Link } from "./link/socket.js";
import { Tickets } from "./link/tickets.js";
import { pageData } from "./page_data.js";
import { alertList } from "./views/alert_list.js";
import { alertSound } from "./views/alert_sound.js";
import { campaignsBrief } from "./views/campaigns_brief.js";
import { campaignPanels } from "./views/campaign_panels.js";
import { part } from "./views/dom.js";
import { floorBar } from "./views/floor_bar.js";
import { floorPlan } from "./views/floor_plan.js";
import { floorViews } from "./views/floor_views.js";
import { messageDialog } from "./views/message_dialog.js";
import { notices } from "./views/notices.js";
import { seatActions } from "./views/seat_actions.js";
import { seatFilters } from "./views/seat_filters.js";
import { seatLayout } from "./views/seat_layout.js";
import { seatTable } from "./views/seat_table.js";
import { seatTiles } from "./views/seat_tiles.js";
import { stopAll } from "./views/stop_all.js";
import { supervision } from "./views/supervision.js";
import { themeSwitch } from "./views/theme_switch.js";

const RESYNC_AGAIN_MS = 2000;

const { t, f, csrf, me, iceServers, floorViews: first } = pageData();
const root = document;
const server = new ServerStore(reducerWith(mergeById));
const local = new LocalStore({ link: "connecting", heardAt: null });
const look = new LocalStore({ layout: "", ...FIRST_LOOK });
const clock = new ServerClock(() => performance.now());
const redraw = new Redraw([server, local, look], { tickMs: 1000, ticksFollow: false });
const notice = notices(part(root, "toasts"), { t });

const link = new Link("/floor", ["snapshot", "update", "notice"], {
  tickets: new Tickets(["/floor"], { csrf }), tab: crypto.randomUUID(),
});
const commands = new Commands((...message) => link.emit(...message), {
  owner: me.username, newId: () => crypto.randomUUID(), storage: sessionStorage,
});
let resyncing = null;

function resync() {
  clearTimeout(resyncing);
  if (!link.up) return;
  commands.send("resync").catch(() => {}); // the next attempt is already scheduled
  resyncing = setTimeout(resync, RESYNC_AGAIN_MS);
}

function take(message) {
  clock.observe(message.server_time);
  server.receive(message);
  if (message.type === "snapshot") clearTimeout(resyncing);
  local.set({ link: server.inSync ? "up" : local.state.link, heardAt: clock.now() });
}

const receive = {
  snapshot: take,
  update: take,
  notice: ({ id, params }) => notice.info(noticeText(t, id, named(params))),
};

/** Notices name seats and campaigns by id; people read names. */
function named(params = {}) {
  const { seats = {}, campaigns = {} } = server.state ?? {};
  return {
    ...params,
    seat: seats[params.seat]?.name ?? params.seat,
    campaign: campaigns[params.campaign]?.name ?? params.campaign,
  };
}

link.addEventListener("message", ({ detail }) => receive[detail.type](detail));
link.addEventListener("up", () => commands.connected());
link.addEventListener("down", () => { commands.disconnected(); local.set({ link: "down" }); });
link.addEventListener("signed-out", () => location.assign("/login"));
server.addEventListener("gap", resync);

// A refusal is said where it was asked, which may be far up the page, and at its edge.
const doing = new Doing(async (event, payload) => {
  try {
    const { unconfirmed = [] } = await commands.send(event, payload);
    if (unconfirmed.length === 0) return null;
    const text = t("floor.stop.unconfirmed", { names: unconfirmed.join("・") });
    notice.problem(text);
    return text;
  } catch (refused) {
    const text = errorText(t, refused.error ?? { id: "unexpected" });
    notice.problem(text);
    return text;
  }
});

const view = {
  root, server, local, clock, redraw, t, f, doing, maySteer: ["lead", "admin"].includes(me.role),
  foundsCampaigns: me.role === "admin",
};
stopAll(view);
alertList(view);
alertSound({ ...view, storage: localStorage });
campaignPanels({ ...view, commands });
campaignsBrief({ root, storage: localStorage });
const layout = seatLayout({ root, look, storage: localStorage });
const filters = seatFilters({ ...view, look, notice });
seatTiles({ ...view, layout, filters });
const { label } = seatTable({ ...view, layout, filters, look });
floorPlan({ ...view, layout, shows: filters.shows, commands, notice, me });
floorViews({
  ...view, look, layout, label, first, me, notice, kept: keptViews({ csrf }),
  storage: sessionStorage,
});
seatActions(view);
messageDialog({ ...view, commands });
const phone = floorPhone({ commands, server, me, audio: part(root, "audio"), iceServers });
supervision({ ...view, me, commands, phone });
floorBar(view);
themeSwitch(root, { t, storage: localStorage });

// A feed can stop without closing. The desk knows no such event, and its refusal is the answer.
const watch = new Heartbeat(link, "still_there", { payload: () => ({}), everyMs: () => 1500 });
watch.addEventListener("silence", ({ detail: { silent } }) => {
  if (link.up && server.inSync) local.set({ link: silent ? "silent" : "up" });
});
link.open();
