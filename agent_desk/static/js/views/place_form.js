/** The chosen seat beside the plan: its whole tile, and where it sits as a form. */
import { firstFree } from "../core/floor_plan.js";
import { el, part, reconcile, setText } from "./dom.js";
import { seatTile } from "./seat_tile.js";

/** `show(id)` fills the form; what is typed is left alone until another seat is chosen. */
export function placeForm({ places, move, room, editing, ...view }) {
  const { root, server, t, maySteer } = view;
  const at = (name) => part(root, name);
  const tile = seatTile(view);
  let id = null;
  let filled = null; // the place the fields were filled from

  const seat = () => server.state?.seats[id] ?? null;

  function fill() {
    const all = places();
    const place = all[id] ?? (room() ? firstFree(room(), Object.values(all)) : null);
    const sign = JSON.stringify([id, place?.room, place?.row, place?.column]);
    if (sign === filled || place === null) return;
    filled = sign;
    at("place-room").value = String(place.room);
    at("place-row").value = place.row;
    at("place-column").value = place.column;
  }

  if (maySteer) {
    at("place-form").addEventListener("submit", (event) => {
      event.preventDefault();
      move(id, {
        room: Number(at("place-room").value), row: Number(at("place-row").value),
        column: Number(at("place-column").value),
      });
    });
    at("place-off").addEventListener("click", () => move(id, { room: null }));
  }

  function draw() {
    reconcile(at("plan-tile"), seat() ? [seat()] : [], {
      keyOf: (each) => each.id, create: tile.create, update: tile.update,
    });
    const known = id !== null && (seat() !== null || places()[id] !== undefined);
    at("place-form").hidden = !editing() || !known;
    if (at("place-form").hidden) {
      filled = null;
      return;
    }
    const name = seat()?.name ?? places()[id]?.name ?? id;
    setText(at("place-title"), t("plan.place_of", { name }));
    reconcile(at("place-room"), Object.values(server.state.rooms), {
      keyOf: (each) => each.id,
      create: (each) => el("option", { value: each.id }),
      update: (option, each) => setText(option, each.name),
    });
    at("place-off").disabled = places()[id] === undefined;
    fill();
  }

  return {
    show: (which) => { id = which; },
    draw,
    tick: () => {
      const drawn = at("plan-tile").firstElementChild;
      if (drawn && seat()) tile.drawTime(drawn, seat());
    },
  };
}
