/** Keyboard: single keys outside text fields, the sheet that lists them, and the switch. */
import { KEYS, actionFor, takesText } from "../core/hotkeys.js";
import { el, part } from "./dom.js";

const SWITCH = "hotkeys";

export function keys({ root, server, act, t, storage }) {
  const sheet = part(root, "key-sheet");
  const enabled = part(root, "keys-enabled");
  enabled.checked = storage.getItem(SWITCH) !== "off";
  enabled.addEventListener("change", () => storage.setItem(SWITCH, enabled.checked ? "on" : "off"));
  part(root, "help").addEventListener("click", () => show());
  part(root, "key-sheet-close").addEventListener("click", () => sheet.close());

  /** The sheet is written anew from the keys there are: the statuses' own are the campaign's. */
  function show() {
    const own = (server.state?.campaign?.statuses ?? [])
      .filter(({ hotkey }) => hotkey).map(({ hotkey, label }) => [hotkey, label]);
    const rows = [
      ...own,
      ...KEYS.map(({ shown, label }) => [shown, t(label)]),
      ["Ctrl+Enter", t("keys.save_from_note")],
      ["Esc", t("keys.leave_field")],
    ];
    part(root, "key-list").replaceChildren(...rows.map(([key, words]) =>
      el("div", {}, el("dt", {}, el("kbd", {}, String(key))), el("dd", {}, words))));
    sheet.showModal();
  }

  const press = (name) => {
    const button = part(root, name);
    if (!button.disabled && !button.hidden) button.click();
  };
  const run = {
    help: show,
    status: ({ code }) => act.pressStatus(code),
    available: () => press("go-available"),
    away: () => press("go-away"),
    mute: () => press("mute"),
    hold: () => press("hold"),
    pause_recording: () => press("pause-recording"),
    hang_up: () => press("hang-up"),
    hand_to_survey: () => press("hand-to-survey"),
    leave_message: () => press("leave-message"),
    party: () => press("open-party"),
    keypad: () => press("open-keypad"),
    hand: () => press("raise-hand"),
    acknowledge: () => act.acknowledgeOldest(),
    other_calls: () => press("open-other-calls"),
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
