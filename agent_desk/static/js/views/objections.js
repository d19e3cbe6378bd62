/**
 * 苦情 and 受任通知: buttons that act at once. A first press asks, for nobody at this desk can take
 * it back; the second stops every call to this person.
 */
import { isStranger, offers } from "../core/seat_rules.js";
import { part, setAttributes, setText } from "./dom.js";

const REASONS = ["complaint", "lawyer_notice"];

export function objections({ root, server, local, redraw, t, act }) {
  const at = (name) => part(root, name);
  const form = at("objection-form");
  const documentField = at("objection-document");
  let asked = null; // the reason under question
  let callId = null;

  function ask(reason) {
    asked = reason;
    redraw.soon();
    form.hidden = false;
    documentField.value = "";
    documentField.focus();
  }

  function close() {
    const opener = asked && at(`objection-${asked}`);
    const had = form.contains(document.activeElement);
    asked = null;
    form.hidden = true;
    if (had) opener?.focus();
    redraw.soon();
  }

  for (const reason of REASONS) {
    at(`objection-${reason}`).addEventListener("click", () => ask(reason));
  }
  at("objection-leave").addEventListener("click", close);
  form.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (asked) act.noteObjection(asked, documentField.value.trim());
    close();
  });

  const isOnItsWay = (reason) => local.state.pending.some(({ event, payload }) =>
    event === "note_objection" && payload.reason === reason);

  redraw.draw(() => {
    const state = server.state;
    const call = state?.call ?? null;
    if ((call?.id ?? null) !== callId) {
      callId = call?.id ?? null;
      if (asked) close();
    }
    const may = offers(state, { linkUp: true }).record && Boolean(call.bridged_at)
      && !isStranger(state);
    const held = state?.record?.holds ?? [];
    for (const reason of REASONS) {
      const noted = held.includes(reason);
      at(`objection-${reason}`).disabled = !may || noted || isOnItsWay(reason);
      setAttributes(at(`objection-${reason}`), { "aria-pressed": String(noted) });
    }
    setText(at("objection-question"), asked ? t(`objection.question_${asked}`) : "");
    setText(at("objection-label"), asked ? t(`objection.document_${asked}`) : "");
    const noted = REASONS.filter((reason) => held.includes(reason));
    setText(at("objection-noted"), noted.map((each) => t(`objection.noted_${each}`)).join(" "));
  });
}
