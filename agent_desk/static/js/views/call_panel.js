/** Who is on the line, for how long, and the controls of the call. */
import { offers } from "../core/seat_rules.js";
import { timer } from "../core/format.js";
import { waitingText } from "../core/waiting.js";
import { part, setAttributes, setIcon, setText } from "./dom.js";

export function callPanel({ root, server, local, clock, redraw, t, act }) {
  const at = (name) => part(root, name);
  at("mute").addEventListener("click", () => act.mute());
  at("hold").addEventListener("click", () => act.hold());
  at("hang-up").addEventListener("click", () => act.hangUp());
  at("next-customer").addEventListener("click", () => act.nextCustomer());
  at("place-call").addEventListener("click", () => act.placePreviewed());
  at("skip-customer").addEventListener("click", () => act.skipPreviewed(at("skip-reason").value));

  function nameOf(record) {
    if (!record) return "";
    if (!record.known) return t(`desk.${strangerOf(record)}_caller`);
    return t("desk.name_with_title", { name: record.customer.name });
  }

  const strangerOf = ({ customer }) => (customer.phone_masked ? "unknown" : "withheld");

  function drawCaller(state) {
    const call = state?.call;
    const record = state?.record;
    at("inbound").hidden = !call?.inbound;
    const warned = call?.state === "bridged" && call.no_person;
    at("no-person").hidden = !warned;
    setText(at("no-person-text"), warned ? t(`desk.no_person.${call.no_person}`) : "");
    const hint = record?.known === false
      ? `${strangerOf(record)}_caller_hint` : record?.shared && "shared_number";
    at("caller-hint").hidden = !call?.inbound || !hint;
    setText(at("caller-hint-text"), call?.inbound && hint ? t(`desk.${hint}`) : "");
  }

  function drawCustomer(state) {
    const customer = state?.record?.customer;
    setText(at("customer-name"), nameOf(state?.record));
    setText(at("customer-kana"), customer?.kana ?? "");
    const phone = customer?.phone ?? customer?.phone_masked;
    setText(at("customer-phone"), customer && !phone ? t("desk.number_withheld") : phone ?? "");
    at("vip").hidden = !customer?.vip;
    setText(at("external-id"), customer?.external_id ?? "");
    at("external-id").parentElement.hidden = !customer?.external_id;
    at("customer-facts").hidden = !customer;
    const call = state?.call;
    setText(at("caller-id"), call?.inbound ? "" : call?.caller_id ?? "");
    at("caller-id").parentElement.hidden = Boolean(call?.inbound) || !call?.caller_id;
    setText(at("number-today"), call && !call.inbound
      ? t("desk.number_today_of", { n: call.number_today, cap: call.cap_today }) : "");
    at("number-today").parentElement.hidden = Boolean(call?.inbound);
    at("waiting").hidden = Boolean(customer);
    drawWaiting(state);
  }

  function drawWaiting(state) {
    const since = state?.seat?.since;
    setText(at("waiting"), t(waitingText(state, since ? clock.secondsSince(since) : 0)));
  }

  function drawPhase(state) {
    const call = state?.call;
    const phase = call?.state ?? "none";
    setAttributes(at("call"), { "data-call": phase });
    setAttributes(at("call-phase"), { "data-state": phase });
    const ended = call?.state === "ended" && call.ended_by && `ended_by.${call.ended_by}`;
    const held = phase === "bridged" && state.seat?.state === "hold" && "state.hold";
    setText(at("call-phase"), call ? t(ended || held || `call_state.${call.state}`) : "");
  }

  function drawControls(state) {
    const may = offers(state, { linkUp: local.state.link === "up" });
    const seat = state?.seat;
    at("mute").disabled = !may.mute;
    at("hold").disabled = !may.hold;
    at("hang-up").disabled = !may.hangUp;
    setAttributes(at("mute"), { "aria-pressed": String(Boolean(seat?.muted)) });
    setIcon(at("mute-icon"), seat?.muted ? "mic-off" : "mic");
    setText(at("mute-text"), seat?.muted ? t("desk.unmute") : t("desk.mute"));
    setAttributes(at("hold"), { "aria-pressed": String(seat?.state === "hold") });
    setText(at("hold-text"), seat?.state === "hold" ? t("desk.unhold") : t("desk.hold"));
    // With a customer on the line the next one has no place among the tools for this one.
    at("preview").hidden = !may.preview || (Boolean(state?.call) && !may.previewing);
    // Nobody is on the line yet: what is done to a call makes room for the call itself.
    for (const name of ["mute", "hold", "open-party", "open-keypad"]) {
      at(name).hidden = may.previewing;
    }
    at("next-customer").disabled = !may.nextCustomer;
    for (const name of ["place-call", "skip-customer", "skip-reason"]) {
      at(name).disabled = !may.previewed;
    }
    at("next-customer").hidden = may.previewing;
    setText(at("next-customer-text"), state?.campaign?.vips
      ? t("desk.next_vip", { n: state.campaign.vips }) : t("desk.next_customer"));
    for (const name of ["place-call", "skip-customer", "skip-reason"]) {
      at(name).hidden = !may.previewing;
    }
  }

  redraw.draw(() => {
    drawCustomer(server.state);
    drawCaller(server.state);
    drawPhase(server.state);
    drawControls(server.state);
  });
  redraw.tick(() => {
    drawWaiting(server.state);
    const call = server.state?.call;
    const from = call?.bridged_at ?? call?.since;
    if (!from) return setText(at("call-timer"), "");
    const until = call.ended_at ? Date.parse(call.ended_at) : clock.now();
    return setText(at("call-timer"), timer((until - Date.parse(from)) / 1000));
  });
}
