/** Leaving a message on an answering machine, where it is allowed, and what came of it. */
import { offers } from "../core/seat_rules.js";
import { part, setAttributes, setText } from "./dom.js";

export function machineMessage({ root, server, local, redraw, t, act }) {
  const button = part(root, "leave-message");
  button.addEventListener("click", () => act.leaveMessage());

  redraw.draw(() => {
    const call = server.state?.call;
    const may = offers(server.state, { linkUp: local.state.link === "up" });
    const { state, forbidden } = call?.message ?? {};
    // Once it is clear that a person talks there is nothing to leave; a rule against it is told.
    button.hidden = !may.leaveMessage && !forbidden;
    button.disabled = !may.leaveMessage;
    setAttributes(button, { title: forbidden ? t(`error.${forbidden}`) : null });
    setText(part(root, "message-state"), state ? t(`message.${state}`) : "");
    part(root, "message-state-line").hidden = !state;
  });
}
