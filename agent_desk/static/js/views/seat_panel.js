/** The operator's own state: what it is, since when, and how to change it. */
import { awayText } from "../core/messages.js";
import { isPreviewing, offers } from "../core/seat_rules.js";
import { timer } from "../core/format.js";
import { el, part, reconcile, setAttributes, setIcon, setText } from "./dom.js";

export function seatPanel({ root, server, local, clock, redraw, t, act }) {
  const at = (name) => part(root, name);
  at("away-reason").addEventListener("change", () => redraw.soon());
  at("go-available").addEventListener("click", () => act.available());
  at("go-away").addEventListener("click", () => act.away(at("away-reason").value));
  at("cancel-away").addEventListener("click", () => act.cancelAway());

  const reasonLabel = (campaign, code) =>
    campaign?.away_reasons.find((reason) => reason.code === code)?.label ??
    (code ? awayText(t, code) : "");

  function labelOf(state) {
    if (!state?.seat) return t("link.connecting");
    if (state.seat.consult) return t("state.consulting");
    return t(isPreviewing(state) ? "state.previewing" : `state.${state.seat.state}`);
  }

  function drawState(state) {
    const seat = state?.seat;
    const name = seat?.state ?? "connecting";
    setAttributes(at("seat-state"), { "data-state": name });
    setIcon(at("seat-icon"), seat ? seat.state : "starting");
    setText(at("seat-label"), labelOf(state));
    setText(at("seat-reason"), seat?.reason ? reasonLabel(state.campaign, seat.reason) : "");
    at("queued").hidden = !seat?.queued_away;
    const reason = reasonLabel(state?.campaign, seat?.queued_away);
    setText(at("queued-text"), t("desk.queued_away", { reason }));
  }

  function drawButtons(state) {
    const may = offers(state, { linkUp: local.state.link === "up" });
    at("go-available").disabled = !may.available;
    const { value } = at("away-reason");
    const sameReason = state?.seat?.state === "away" && state.seat.reason === value;
    at("go-away").disabled = !may.away || sameReason;
    at("away-reason").disabled = !may.away;
    const afterThis = may.awayIsQueued && may.available;
    setText(at("go-available-text"), afterThis ? t("desk.available_after")
      : t(state?.seat?.state === "available" ? "desk.is_available" : "desk.go_available"));
    setText(at("go-away").querySelector("span"),
      may.awayIsQueued ? t("desk.go_away_after") : t("desk.go_away"));
    reconcile(at("away-reason"), state?.campaign?.away_reasons ?? [], {
      keyOf: ({ code }) => code,
      create: ({ code }) => el("option", { value: code }),
      update: (option, { label }) => setText(option, label),
    });
  }

  redraw.draw(() => {
    drawState(server.state);
    drawButtons(server.state);
    setText(at("seat-hint"), local.state.hint ? t(local.state.hint) : "");
  });
  redraw.tick(() => {
    const seat = server.state?.seat;
    setText(at("seat-timer"), seat?.since ? timer(clock.secondsSince(seat.since)) : "");
  });
}
