/** Keyboard: single keys outside text fields, the sheet that lists them, and the switch. */
import { actionFor, takesText } from "../core/hotkeys.js";
import { part } from "./dom.js";

const SWITCH = "hotkeys";

export function keys({ root, server, act, storage }) {
  const sheet = part(root, "key-sheet");
  const enabled = part(root, "keys-enabled");
  enabled.checked = storage.getItem(SWITCH) !== "off";
  enabled.addEventListener("change", () => storage.setItem(SWITCH, enabled.checked ? "on" : "off"));
  part(root, "help").addEventListener("click", () => sheet.showModal());
  part(root, "key-sheet-close").addEventListener("click", () => sheet.close());

  const press = (name) => {
    const button = part(root, name);
    if (!button.disabled && !button.hidden) button.click();
  };
  const run = {
    help: () => sheet.showModal(),
    status: ({ code }) => act.pressStatus(code),
    available: () => press("go-available"),
    away: () => press("go-away"),
    mute: () => press("mute"),
    hold: () => press("hold"),
    hang_up: () => press("hang-up"),
    party: () => press("open-party"),
    keypad: () => press("open-keypad"),
    hand: () => press("raise-hand"),
    save: () => press("save-result"),
    extend: () => press("extend"),
    identity: () => act.focusIdentity(),
    promise: () => act.focusPromise(),
    note: () => act.focusNote(),
    preview: () => { press("place-call"); press("next-customer"); },
  };

  document.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "Escape" && takesText(event.target)) event.target.blur();
    const statuses = server.state?.campaign?.statuses ?? [];
    const asked = actionFor(event, { enabled: enabled.checked, statuses });
    if (!asked) return;
    event.preventDefault();
    run[asked.action](asked);
  });
}
