/**
 * Calls besides the present one: by hand, owed, and those of today with their corrections. A drawer
 * over the record, opened by who wants it; a call that comes leaves it open and what is typed in
 * peace. Callbacks are told before they are due without taking the focus.
 */
import { offers } from "../core/seat_rules.js";
import { correctionForm } from "./correction_form.js";
import { drawer } from "./drawer.js";
import { el, part, reconcile, setAttributes, setText } from "./dom.js";

const SOON_S = 300; // before it is due, the operator is told
const ASK_EVERY_MS = 120_000; // a lead may have given it to somebody else

export function otherCalls({ root, server, local, clock, redraw, t, f, act, announce, notice }) {
  const at = (name) => part(root, name);
  const wish = at("dial-wish");
  let owed = [];
  let askedAt = null; // when the desk was last asked what is owed
  let lastCall = null;
  let dialed = null; // what was judged, and may be shown
  const told = new Set();

  const panel = drawer(at("other-calls"), {
    opener: at("open-other-calls"), first: () => wish, onOpen: () => look(),
  });
  at("other-calls-close").addEventListener("click", () => panel.close());
  const correction = correctionForm({ root, t, f, act, onSaved: () => look() });

  async function look() {
    await askOwed();
    drawCalls(await act.findOwnCalls());
  }

  async function askOwed() {
    askedAt = clock.now();
    owed = await act.findCallbacks();
    drawOwed();
    redraw.soon();
  }

  // --- by hand ------------------------------------------------------------------------------

  function verdict({ name, phone_masked: phone, rules, next_allowed_at: next }) {
    const who = t("hand_dial.who", { name, phone });
    if (rules.length === 0) return who + t("hand_dial.allowed");
    // Several rules may say the same, and are said once.
    const why = [...new Set(rules.map((rule) => (t.has(`forbidden.${rule}`)
      ? t(`forbidden.${rule}`) : t("forbidden.other", { rule }))))].join(" ");
    const from = next ? t("hand_dial.from", { at: f.dayAndTime(next) }) : "";
    return `${who}${t("hand_dial.forbidden")} ${why} ${from}`;
  }

  function drawOffer() {
    const up = local.state.link === "up";
    at("dial-now").hidden = !dialed;
    at("dial-now").disabled = !offers(server.state, { linkUp: up }).dialByHand;
  }

  async function check(text) {
    dialed = null;
    const found = await act.checkDial(text);
    if (found?.rules.length === 0) dialed = text;
    setText(at("dial-verdict"), found ? verdict(found) : "");
    setAttributes(at("dial-verdict"), { "data-state": dialed ? "allowed" : "forbidden" });
    drawOffer();
    if (dialed && !at("dial-now").disabled && panel.isOpen) at("dial-now").focus();
  }

  at("hand-dial").addEventListener("submit", (event) => {
    event.preventDefault();
    if (wish.value.trim()) check(wish.value.trim());
  });
  wish.addEventListener("input", () => {
    dialed = null;
    setText(at("dial-verdict"), "");
    redraw.soon();
  });
  at("dial-now").addEventListener("click", async () => {
    if (!dialed || !(await act.dialByHand(dialed))) return;
    wish.value = "";
    dialed = null;
    setText(at("dial-verdict"), "");
    panel.close({ focus: false });
  });

  // --- owed ---------------------------------------------------------------------------------

  const dueText = (due) => t(Date.parse(due) < clock.now() ? "owed.overdue" : "owed.due",
    { at: f.time(Date.parse(due)) });

  function drawOwed() {
    at("owed-none").hidden = owed.length > 0;
    reconcile(at("owed"), owed, {
      keyOf: ({ id }) => id,
      create: ({ customer }) => {
        const button = el("button", {
          type: "button", class: "button button-small", "data-testid": "call-owed",
        }, t("owed.call"));
        button.addEventListener("click", () => {
          wish.value = customer;
          check(customer);
        });
        return el("li", {}, el("span", { class: "call-line-at" }),
          el("span", { class: "call-line-who" }), button);
      },
      update: (line, { due_at: due, name, campaign }) => {
        setText(line.children[0], dueText(due));
        setText(line.children[1], `${name} ${campaign}`);
        setAttributes(line, { "data-overdue": String(Date.parse(due) < clock.now()) });
      },
    });
  }

  /** Once when it comes near and once when it is due; politely, beside what is being done. */
  function tellDue() {
    for (const { id, due_at: due, name } of owed) {
      const left = (Date.parse(due) - clock.now()) / 1000;
      const kind = left <= 0 ? "due" : left <= SOON_S ? "soon" : null;
      const key = `${id} ${due} ${kind}`;
      if (!kind || told.has(key)) continue;
      told.add(key);
      const words = t(`owed.tell_${kind}`, { name, at: f.time(Date.parse(due)) });
      notice.info(words);
      announce.politely(words);
    }
  }

  // --- today's ------------------------------------------------------------------------------

  function drawCalls(calls) {
    at("own-calls-none").hidden = calls.length > 0;
    reconcile(at("own-calls"), calls, {
      keyOf: ({ id }) => id,
      create: ({ id }) => {
        const button = el("button", {
          type: "button", class: "button button-small", "data-testid": "correct",
        }, t("correction.open"));
        button.addEventListener("click", () => correction.open(id, button));
        return el("li", { "data-call": id }, el("span", { class: "call-line-at" }),
          el("span", { class: "call-line-who" }), button);
      },
      update: (line, { at: when, name, labels, corrected, recorded }) => {
        setText(line.children[0], f.time(Date.parse(when)));
        const marks = [...labels, ...(corrected ? [t("own_calls.corrected")] : []),
          ...(recorded ? [] : [t("own_calls.unrecorded")])];
        setText(line.children[1], `${name} ${marks.join("・")}`);
      },
    });
  }

  redraw.draw(() => {
    const up = Boolean(server.state?.seat) && local.state.link === "up";
    at("open-other-calls").disabled = !up;
    drawOffer();
    setText(at("other-calls-text"),
      owed.length ? t("other_calls.open_n", { n: owed.length }) : t("other_calls.open"));
    const callId = server.state?.call?.id ?? null;
    if (up && callId === null && lastCall !== null) askedAt = null; // it may have left one
    lastCall = callId;
  });
  redraw.tick(() => {
    if (!clock.known || !server.state?.seat || local.state.link !== "up") return;
    if (askedAt === null || clock.now() - askedAt > ASK_EVERY_MS) askOwed();
    tellDue();
  });
}
