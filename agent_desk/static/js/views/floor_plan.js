/**
 * The floor plan: rooms with the seats at their desks, beside them the chosen seat's whole tile.
 *
 * While it is being edited, a seat is moved by pointer, by the arrow keys, or by the form beside it
 * (WCAG 2.5.7). A move shows at once and is asked for; what the desk refuses goes back.
 */
import { atDesks, deskAt, overruled, stepped, unplaced } from "../core/floor_plan.js";
import { timer } from "../core/format.js";
import { LatestFirst } from "../core/latest_first.js";
import { errorText } from "../core/messages.js";
import { el, icon, part, reconcile, setAttributes, setIcon, setText } from "./dom.js";
import { planDrag } from "./plan_drag.js";
import { placeForm } from "./place_form.js";
import { roomDialog } from "./room_dialog.js";
import { alertLevel, badgeIcon, badgesOf, stateText } from "./seat_tile.js";

const MOST_BADGES = 3;

export function floorPlan({ layout, shows, commands, notice, me, ...view }) {
  const { root, server, redraw, clock, t, maySteer } = view;
  const at = (name) => part(root, name);
  const grid = at("plan-grid");
  const mine = new Set(); // seats this page placed, until somebody else does
  const moves = new LatestFirst(ask);
  let roomId = null;
  let editing = false;
  let chosen = null;

  const rooms = () => Object.values(server.state?.rooms ?? {});
  const room = () => server.state?.rooms[roomId] ?? null;
  const nameOf = (id) => server.state?.seats[id]?.name ?? server.state?.places[id]?.name ?? id;

  /** Where everybody sits, with what is asked for and not answered yet. */
  function places() {
    const all = { ...server.state.places };
    for (const [id, wish] of moves.wishes) {
      if (wish.room === null) delete all[id];
      else all[id] = { ...all[id], name: nameOf(id), ...wish };
    }
    return all;
  }

  async function ask(id, wish) {
    const known = server.state.places[id]?.at;
    const told = { seat: id, ...(known ? { known } : {}) };
    try {
      const answer = wish.room === null ? await commands.send("unplace_seat", told)
        : await commands.send("place_seat", { ...told, ...wish });
      mine.add(id);
      if (answer.overruled) {
        notice.info(t("plan.overruled", { name: nameOf(id), by: answer.overruled }));
      }
      await feed(id, wish);
    } catch (refused) {
      notice.problem(errorText(t, refused.error ?? { id: "unexpected" }));
    }
    redraw.soon();
  }

  /** Until the floor says so too: the leads' pages are told four times a second. */
  function feed(id, wish) {
    return new Promise((resolve) => {
      const look = () => {
        const place = server.state.places[id];
        const told = wish.room === null ? !place : place && place.by === me.username
          && place.room === wish.room && place.row === wish.row && place.column === wish.column;
        if (!told && moves.wish(id) === wish) return;
        clearTimeout(enough);
        server.removeEventListener("change", look);
        resolve();
      };
      const enough = setTimeout(() => {
        server.removeEventListener("change", look);
        resolve();
      }, 2000);
      server.addEventListener("change", look);
      look();
    });
  }

  function move(id, wish) {
    moves.want(id, wish);
    setText(at("say-politely"), wish.room === null ? t("plan.said_off", { name: nameOf(id) })
      : t("plan.said", { name: nameOf(id), row: wish.row, column: wish.column }));
    redraw.soon();
  }

  function choose(id) {
    chosen = id;
    form.show(id);
    redraw.soon();
  }

  const form = placeForm({ ...view, places, move, room, editing: () => editing });
  if (maySteer) {
    roomDialog({ ...view, room, commands, opened: (name) => {
      const found = rooms().find((each) => each.name === name);
      if (found) roomId = found.id;
    } });
    planDrag({
      area: at("floor-plan"), grid, tray: at("plan-unplaced-area"),
      target: el("div", { class: "plan-target", "aria-hidden": "true" }),
      mayDrag: () => editing && room() !== null,
      deskAt: (x, y) => deskAt(grid.getBoundingClientRect(), room(), x, y),
      dropped: (id, desk) => {
        choose(id);
        move(id, desk === null ? { room: null } : { room: roomId, ...desk });
      },
    });
    at("plan-edit").addEventListener("click", () => {
      editing = !editing;
      redraw.soon();
    });
  }
  at("plan-room").addEventListener("change", ({ target }) => {
    roomId = Number(target.value);
    redraw.soon();
  });
  at("floor-plan").addEventListener("click", ({ target }) => {
    const seat = target.closest(".plan-seat");
    if (seat) choose(seat.dataset.seat);
  });
  grid.addEventListener("keydown", (event) => {
    const id = event.target.closest(".plan-seat")?.dataset.seat;
    const place = id && places()[id];
    if (!editing || !place || event.altKey || event.ctrlKey || event.metaKey) return;
    const next = stepped({ room: place.room, row: place.row, column: place.column },
      event.key, room());
    if (next === null) return;
    event.preventDefault(); // the page does not scroll away under the seat
    choose(id);
    move(id, next);
  });

  // --- drawing ---------------------------------------------------------------------------------

  const create = ({ id }) => el("button", {
    type: "button", class: "plan-seat", "data-testid": "plan-seat", "data-seat": id,
  },
    el("span", { class: "plan-name", "data-part": "name" }),
    el("span", { class: "plan-state" }, icon("offline"),
      el("span", { class: "plan-label", "data-part": "label" }),
      el("span", { class: "plan-time", "data-part": "time" })),
    el("span", { class: "plan-badges", "data-part": "badges" }));

  function update(button, { id, name, seat, row, column, nth, share }) {
    const state = seat?.state ?? "offline";
    setAttributes(button, {
      "data-state": state, "data-row": row, "data-column": column, "data-share": share,
      "data-filtered": seat !== null && !shows(id) ? "true" : null,
      "aria-pressed": String(id === chosen), "aria-describedby": editing ? "plan-hint" : null,
    });
    if (row !== undefined) {
      const { style } = button;
      style.gridArea = `${row} / ${column}`;
      style.setProperty("--nth", nth);
      style.setProperty("--share", share);
    }
    setText(part(button, "name"), seat?.name ?? name);
    setIcon(button.querySelector("svg"), state);
    setText(part(button, "label"), seat ? stateText(t, seat) : t("state.offline"));
    drawTime(button, seat);
  }

  function drawTime(button, seat) {
    const seconds = seat ? clock.secondsSince(seat.since) : 0;
    setText(part(button, "time"), seat ? timer(seconds) : "");
    const { state } = server;
    const badges = seat ? badgesOf(t, seat, seconds, state).slice(0, MOST_BADGES) : [];
    setAttributes(button, { "data-alert": seat ? alertLevel(state.alerts, seat) : null });
    reconcile(part(button, "badges"), badges, {
      keyOf: ({ level }) => level,
      create: ({ level }) => el("span", { class: "badge", "data-level": level, role: "img" },
        icon(badgeIcon(level))),
      update: (badge, { text }) => setAttributes(badge, { title: text, "aria-label": text }),
    });
  }

  function drawRooms() {
    const all = rooms();
    if (room() === null) roomId = all[0]?.id ?? null;
    reconcile(at("plan-room"), all, {
      keyOf: ({ id }) => id,
      create: ({ id }) => el("option", { value: id }),
      update: (option, { name }) => setText(option, name),
    });
    if (roomId !== null) at("plan-room").value = String(roomId);
    at("plan-no-rooms").hidden = all.length > 0;
    grid.hidden = all.length === 0;
    if (!maySteer) return;
    setAttributes(at("plan-edit"), { "aria-pressed": String(editing) });
    at("plan-rooms").hidden = !editing;
    at("plan-hint").hidden = !editing || all.length === 0;
    at("room-change").disabled = room() === null;
  }

  function drawGrid(all) {
    const shown = room();
    if (shown === null) return;
    grid.style.setProperty("--rows", shown.rows);
    grid.style.setProperty("--columns", shown.columns);
    setAttributes(grid, { "data-editing": String(editing), "data-room": shown.id });
    reconcile(grid, atDesks(shown.id, all, server.state.seats),
      { keyOf: ({ id }) => id, create, update });
  }

  function drawTray(all) {
    const left = unplaced(all, server.state.seats);
    at("plan-unplaced-area").hidden = !editing && left.length === 0;
    setText(at("plan-unplaced-count"), t("floor.seat_count", { n: left.length }));
    reconcile(at("plan-unplaced"), left.map((seat) => ({ id: seat.id, seat })),
      { keyOf: ({ id }) => id, create, update });
  }

  function tellWhoWasOverruled() {
    for (const id of overruled(mine, server.state.places, me.username)) {
      if (moves.wish(id)) continue;
      mine.delete(id);
      const { by_name: by } = server.state.places[id];
      notice.info(t("plan.moved_by", { name: nameOf(id), by }));
    }
  }

  redraw.draw(() => {
    if (!server.state) return;
    tellWhoWasOverruled();
    if (!layout.is("plan")) return;
    const all = places();
    const focused = document.activeElement?.closest?.(".plan-seat")?.dataset.seat;
    drawRooms();
    drawGrid(all);
    drawTray(all);
    form.draw();
    if (focused && !document.activeElement?.closest?.(".plan-seat")) {
      grid.querySelector(`.plan-seat[data-seat="${CSS.escape(focused)}"]`)?.focus();
    }
  });
  redraw.tick(() => {
    if (!server.state || !layout.is("plan")) return;
    for (const button of at("floor-plan").querySelectorAll(".plan-seat")) {
      drawTime(button, server.state.seats[button.dataset.seat] ?? null);
    }
    form.tick();
  });
}
