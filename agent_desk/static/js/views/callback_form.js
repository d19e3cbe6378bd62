/**
 * 再架電: when the customer asked to be called again, by this operator or by anyone. What was asked
 * for on this call comes from the desk, so that a reload shows it too.
 */
import { offers, isStranger } from "../core/seat_rules.js";
import { part, setAttributes, setText } from "./dom.js";

const JST_MS = 9 * 3_600_000;

/** What a `datetime-local` field holds for an instant, in Japan. */
const localTime = (instant) =>
  new Date(Date.parse(instant) + JST_MS).toISOString().slice(0, 16);

export function callbackForm({ root, server, clock, redraw, t, f, act }) {
  const at = (name) => part(root, name);
  const time = at("callback-at");
  let callId = null;
  let shown = null; // the wish the fields were filled with

  const instant = () => (time.value ? new Date(`${time.value}:00+09:00`) : null);

  at("callback-save").addEventListener("click", async () => {
    const dueAt = instant();
    if (dueAt === null) return time.focus();
    const asked = { dueAt: dueAt.toISOString(), own: at("callback-own").checked };
    return act.setCallback(asked);
  });
  at("callback-withdraw").addEventListener("click", () =>
    act.setCallback({ dueAt: null, own: false }));

  /** A new call or another wish refills the fields; what is typed is left alone. */
  function followServer({ call }) {
    const wish = call?.callback ?? null;
    const key = wish && `${wish.due_at} ${wish.own}`;
    const newCall = (call?.id ?? null) !== callId;
    if (!newCall && key === shown) return;
    callId = call?.id ?? null;
    shown = key;
    time.value = wish ? localTime(wish.due_at) : "";
    at("callback-own").checked = wish?.own ?? false;
    if (newCall) at("callback").open = wish !== null;
  }

  redraw.draw(() => {
    const state = server.state;
    if (!state?.campaign || !clock.known) return;
    followServer(state);
    const saved = state.call?.callback ?? null;
    const offered = offers(state, { linkUp: true }).record && !isStranger(state);
    setAttributes(at("callback-fields"), { disabled: !offered });
    const id = saved?.own ? "callback.saved_own" : "callback.saved";
    const told = saved === null ? "" : t(id, { at: f.dayAndTime(saved.due_at) });
    setText(at("callback-state"), told);
    at("callback-withdraw").hidden = saved === null;
  });
}
