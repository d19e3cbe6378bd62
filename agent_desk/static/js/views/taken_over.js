/** The desk was opened elsewhere: this page shows so, does nothing, and can take it back. */
import { part } from "./dom.js";

export function takenOver({ root, local, redraw, act }) {
  const dialog = part(root, "taken-over");
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  part(root, "take-back").addEventListener("click", () => act.takeBack());
  redraw.draw(() => {
    part(root, "desk").inert = local.state.takenOver;
    if (local.state.takenOver && !dialog.open) dialog.showModal();
    if (!local.state.takenOver && dialog.open) dialog.close();
  });
}
