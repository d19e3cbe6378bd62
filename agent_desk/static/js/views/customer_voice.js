/** お客様の声: what the customer says of us, kept as it is typed, until the result is saved. */
import { offers } from "../core/seat_rules.js";
import { part, setAttributes, setText } from "./dom.js";

const PAUSE_MS = 700;

export function customerVoice({ root, server, redraw, t, act }) {
  const box = part(root, "voice-box");
  const field = part(root, "voice");
  const state = part(root, "voice-state");
  let callId = null;
  let kept = "";
  let timer = null;

  async function send() {
    clearTimeout(timer);
    const text = field.value.trim();
    const id = callId;
    if (id === null || text === kept) return;
    const before = kept;
    kept = text;
    if ((await act.saveVoice(id, text)) === null && id === callId) kept = before;
    redraw.soon();
  }

  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(send, PAUSE_MS);
    redraw.soon();
  });
  field.addEventListener("change", send);
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    send();
    if (event.ctrlKey || event.metaKey) act.saveResult();
  });

  redraw.draw(() => {
    const call = server.state?.call ?? null;
    if ((call?.id ?? null) !== callId) {
      send(); // typed last: it still belongs to the call that was
      callId = call?.id ?? null;
      kept = call?.voice ?? "";
      field.value = kept;
    }
    box.hidden = !call?.bridged_at;
    field.disabled = !offers(server.state, { linkUp: true }).record;
    const now = field.value.trim();
    const name = now === kept ? (now ? "saved" : "empty") : "typed";
    setAttributes(state, { "data-state": name });
    setText(state, name === "empty" ? "" : t(`voice.${name}`));
  });
}
