/** Keys towards the other side's machine, by mouse or typed; only how many is shown. */
import { offers } from "../core/seat_rules.js";
import { drawer } from "./drawer.js";
import { part, setText } from "./dom.js";

const KEYS = /^[0-9*#]$/;

export function keypad({ root, server, local, redraw, t, act }) {
  const pad = part(root, "keypad");
  let sent = 0;
  let callId = null;
  const panel = drawer(part(root, "keypad-drawer"), {
    opener: part(root, "open-keypad"), first: () => pad.querySelector("button"),
  });
  part(root, "keypad-close").addEventListener("click", () => panel.close());

  async function press(digit) {
    if (await act.sendDigits(digit)) sent += 1;
    redraw.soon();
  }

  pad.addEventListener("click", (event) => {
    const { digit } = event.target.closest("button")?.dataset ?? {};
    if (digit) press(digit);
  });
  part(root, "keypad-drawer").addEventListener("keydown", (event) => {
    if (!KEYS.test(event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation(); // a digit here is a tone, not a status
    press(event.key);
  });

  redraw.draw(() => {
    const may = offers(server.state, { linkUp: local.state.link === "up" });
    part(root, "open-keypad").disabled = !may.keypad;
    if (!may.keypad) panel.close();
    if (server.state?.call?.id !== callId) {
      callId = server.state?.call?.id ?? null;
      sent = 0;
    }
    setText(part(root, "keypad-sent"), sent ? t("keypad.sent", { n: sent }) : "");
  });
}
