/**
 * 再架電: when the customer asked to be called again, by this operator or by anyone. The desk keeps
 * it with the list entry; what stands here is only what this page has asked for on this call.
 */
import { offers, isStranger } from "../core/seat_rules.js";
import { part, setAttributes, setText } from "./dom.js";

export function callbackForm({ root, server, clock, redraw, t, f, act }) {
  const at = (name) => part(root, name);
  const time = at("callback-at");
  let callId = null;
  let saved = null;

  const instant = () => (time.value ? new Date(`${time.value}:00+09:00`) : null);

  at("callback-save").addEventListener("click", async () => {
    const dueAt = instant();
    if (dueAt === null) return time.focus();
    const asked = { dueAt: dueAt.toISOString(), own: at("callback-own").checked };
    if (await act.setCallback(asked)) saved = asked.dueAt;
    return redraw.soon();
  });
  at("callback-withdraw").addEventListener("click", async () => {
    if (await act.setCallback({ dueAt: null, own: false })) saved = null;
    redraw.soon();
  });

  redraw.draw(() => {
    const state = server.state;
    if (!state?.campaign || !clock.known) return;
    if ((state.call?.id ?? null) !== callId) {
      callId = state.call?.id ?? null;
      saved = null;
      time.value = "";
      at("callback").open = false;
    }
    const offered = offers(state, { linkUp: true }).record && !isStranger(state);
    setAttributes(at("callback-fields"), { disabled: !offered });
    const told = saved === null ? "" : t("callback.saved", { at: f.dayAndTime(saved) });
    setText(at("callback-state"), told);
    at("callback-withdraw").hidden = saved === null;
  });
}
