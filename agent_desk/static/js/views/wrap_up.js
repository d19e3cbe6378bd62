/** 後処理: the server's deadline counting down, more time, and saving, which ends it. */
import { offers } from "../core/seat_rules.js";
import { timer } from "../core/format.js";
import { part, setAttributes, setText } from "./dom.js";

const URGENT_S = 10;

export function wrapUp({ root, server, clock, redraw, t, act, announce }) {
  const at = (name) => part(root, name);
  let warned = null;
  at("save-result").addEventListener("click", () => act.saveResult());
  at("extend").addEventListener("click", () => act.extendWrapUp());

  redraw.draw(() => {
    const state = server.state;
    const may = offers(state, { linkUp: true });
    at("save-result").disabled = !may.save;
    at("extend").disabled = !may.extend;
    const left = state?.seat?.state === "wrap_up" ? state.seat.extensions_left : null;
    setText(at("extend-text"), left === null
      ? t("wrap_up.extend") : t("wrap_up.extend_left", { n: left }));
    if (state?.seat && state.seat.state !== "wrap_up") setText(at("wrap-up-text"), explain(state));
  });

  const explain = ({ call, campaign }) => {
    if (call === null) return "";
    const n = campaign.wrap_up_s;
    return n === null ? t("wrap_up.no_limit") : t("wrap_up.after_call", { n });
  };

  redraw.tick(() => {
    const seat = server.state?.seat ?? null;
    const left = seat?.state === "wrap_up" ? clock.secondsUntil(seat.deadline) : null;
    const urgent = left !== null && left <= URGENT_S;
    setAttributes(at("wrap-up"), { "data-urgent": String(urgent), "data-active": left !== null });
    if (left === null) {
      at("wrap-up-bar").value = 0;
      if (seat?.state === "wrap_up") setText(at("wrap-up-text"), t("wrap_up.no_limit"));
      return;
    }
    setText(at("wrap-up-text"), t("wrap_up.left", { time: timer(Math.ceil(left)) }));
    const whole = (Date.parse(seat.deadline) - Date.parse(seat.since)) / 1000;
    at("wrap-up-bar").value = whole > 0 ? Math.min(1, left / whole) : 0;
    if (urgent && warned !== seat.deadline) {
      warned = seat.deadline;
      announce.politely(t("wrap_up.soon_over", { n: URGENT_S }));
    }
  });
}
