/** Adding a room to the floor plan, and changing or removing one. */
import { errorText } from "../core/messages.js";
import { part, setText } from "./dom.js";

const NEW = { name: "", rows: 6, columns: 8 };

/** `opened(name)` is told which room to show. */
export function roomDialog({ root, server, redraw, commands, room, opened, t }) {
  const at = (name) => part(root, name);
  const dialog = at("room-dialog");
  let id = null;

  function open(shown) {
    id = shown?.id ?? null;
    const { name, rows, columns } = shown ?? NEW;
    setText(at("room-title"), t(id === null ? "plan.room.new" : "plan.room.change"));
    at("room-name").value = name;
    at("room-rows").value = rows;
    at("room-columns").value = columns;
    at("room-remove").hidden = id === null;
    at("room-remove-really").hidden = true;
    say("");
    dialog.showModal();
    at("room-name").focus();
  }

  function say(problem) {
    setText(at("room-problem"), problem);
    at("room-problem").hidden = problem === "";
  }

  async function send(event, payload) {
    try {
      await commands.send(event, payload);
      dialog.close();
      return true;
    } catch (refused) {
      say(errorText(t, refused.error ?? { id: "unexpected" }));
      return false;
    }
  }

  at("room-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const name = at("room-name").value.trim();
    const told = {
      name, rows: Number(at("room-rows").value), columns: Number(at("room-columns").value),
    };
    const done = id === null ? await send("make_room", told)
      : await send("change_room", { room: id, ...told });
    if (!done) return;
    // the floor tells of the room with its next update
    const show = () => {
      if (!Object.values(server.state.rooms).some((each) => each.name === name)) return;
      server.removeEventListener("change", show);
      opened(name);
      redraw.soon();
    };
    server.addEventListener("change", show);
    show();
  });
  at("room-remove").addEventListener("click", () => {
    at("room-remove-really").hidden = false;
    at("room-remove-yes").focus();
  });
  at("room-remove-yes").addEventListener("click", () => send("remove_room", { room: id }));
  at("room-close").addEventListener("click", () => dialog.close());
  at("room-new").addEventListener("click", () => open(null));
  at("room-change").addEventListener("click", () => open(room()));
}
