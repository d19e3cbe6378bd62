/** 本人確認: the operator types what is heard; the server alone compares. */
import { familyName } from "../core/script.js";
import { offers } from "../core/seat_rules.js";
import { part, setAttributes, setIcon, setText } from "./dom.js";

const ICONS = { unknown: "shield", verified: "shield-check", third_party: "people" };

export function identityGate({ root, server, redraw, t, act }) {
  const at = (name) => part(root, name);
  const answer = at("identity-answer");
  let callId = null;
  let outcome = null;

  act.focusIdentity = () => answer.focus();
  answer.addEventListener("input", () => { outcome = null; redraw.soon(); });
  at("identity-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const typed = answer.value.trim();
    if (!typed) return answer.focus();
    const reply = await act.checkIdentity(typed);
    if (!reply) return undefined;
    outcome = { matched: reply.matched, triesLeft: reply.tries_left };
    if (reply.matched) answer.value = "";
    else answer.select();
    return redraw.soon();
  });
  at("third-party").addEventListener("click", () => act.thirdParty());

  function hint(call, identity) {
    if (!call || !identity?.needed) return "";
    if (call.identity === "verified") return t("identity.hint_verified");
    if (identity.tries_left === 0) return t("identity.no_tries");
    if (outcome && !outcome.matched) {
      return t("identity.no_match", { n: outcome.triesLeft ?? identity.tries_left });
    }
    if (call.identity === "third_party") return t("identity.hint_third_party");
    return t("identity.hint");
  }

  redraw.draw(() => {
    const { call = null, record = null } = server.state ?? {};
    const identity = record?.identity ?? null;
    if ((call?.id ?? null) !== callId) {
      callId = call?.id ?? null;
      outcome = null;
      answer.value = "";
    }
    const needed = Boolean(call && identity?.needed);
    const state = call?.identity ?? "unknown";
    const may = offers(server.state, { linkUp: true }).identity && needed && state !== "verified";
    setAttributes(at("identity"), { "data-needed": String(needed) });
    setAttributes(at("identity-state"), { "data-state": state });
    setIcon(at("identity-icon"), ICONS[state]);
    setText(at("identity-text"), needed ? t(`identity.${state}`)
      : t(call ? "identity.not_needed" : "identity.none"));
    const label = t(needed ? `factor.${identity.factor}` : "identity.answer");
    const several = needed && identity.steps > 1 && state !== "verified";
    setText(at("identity-label"), several
      ? t("identity.step", { n: identity.step, of: identity.steps, factor: label }) : label);
    const own = call?.script?.audience === "third_party"; // the campaign's own words are above
    at("third-party-script").hidden = !needed || state !== "third_party" || own;
    setText(at("third-party-script"), needed && state === "third_party"
      ? t("identity.third_party_script", { name: familyName(server.state.me.name) }) : "");
    answer.disabled = !may || identity.tries_left === 0;
    // A browser takes the focus from a disabled field only when it paints: a key pressed before
    // that would be lost.
    if (answer.disabled) answer.blur();
    at("identity-check").disabled = answer.disabled;
    const mayBeElse = offers(server.state, { linkUp: true }).thirdParty && needed;
    at("third-party").disabled = !mayBeElse || state !== "unknown";
    setText(at("identity-hint"), hint(call, identity));
    setAttributes(at("identity-hint"), { "data-problem": Boolean(outcome && !outcome.matched) });
  });
}
