/** Writing to one operator or to all in scope, and taking a raised hand. */
import { part, setText } from "./dom.js";

export function messageDialog({ root, server, doing, maySteer, t }) {
  const dialog = part(root, "message-dialog");
  const text = part(root, "message-text");
  const take = part(root, "take-hand");
  let seat = null;

  function open(id) {
    seat = id;
    const { name, hand } = server.state.seats[id] ?? {};
    setText(part(root, "message-title"),
      id === null ? t("floor.message.to_all") : t("floor.message.to", { name }));
    take.hidden = !hand;
    if (hand) setText(take, t("floor.take_hand", { reason: t(`help.reason.${hand.reason}`) }));
    text.value = "";
    dialog.showModal();
    text.focus();
  }

  part(root, "message-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!text.value.trim()) return;
    const sent = { text: text.value, ...(seat === null ? {} : { seat }) };
    if (await doing.run("message", "send", [["send_message", sent]])) dialog.close();
  });
  take.addEventListener("click", async () => {
    if (await doing.run("message", "take", [["take_hand", { seat }]])) dialog.close();
  });
  part(root, "message-close").addEventListener("click", () => dialog.close());
  const all = part(root, "message-all");
  all.hidden = !maySteer;
  all.addEventListener("click", () => open(null));
  part(root, "seat-groups").addEventListener("click", (event) => {
    const button = event.target.closest("[data-part='message']");
    if (button) open(button.closest("[data-seat]").dataset.seat);
  });
}
