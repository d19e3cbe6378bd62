/**
 * 支払日設定: date, amount, and the sentence to read back, shown while typing, before anything is
 * saved (WCAG 3.3.4); pressing the status button is the confirmation.
 */
import { addDays, businessDate } from "../core/format.js";
import { commonDates, isSamePromise, judgePromise } from "../core/promise_entry.js";
import { businessDayFrom, isBusinessDay, spokenDate } from "../core/spoken_dates.js";
import { awaitsIdentity, isStranger, offers } from "../core/seat_rules.js";
import { el, part, reconcile, setAttributes, setText } from "./dom.js";

export function promiseForm({ root, server, local, clock, redraw, t, f, act }) {
  const at = (name) => part(root, name);
  const date = at("payment-date");
  const amount = at("payment-amount");
  const words = at("payment-words");
  const method = at("payment-method");
  const count = at("payment-count");
  let callId = null;
  let saved = null;
  let asked = false; // 支払日設定 was pressed without a date
  const typed = new Set(); // fields changed since the last promise went out

  const rules = () => ({
    today: businessDate(clock.now()),
    maxDays: server.state.campaign.promise_max_days,
  });
  const judged = () => judgePromise({
    dueOn: date.value, amount: amount.value, method: method.value, count: Number(count.value),
  }, rules());
  const holidays = () => server.state.campaign.holidays;

  function enter(input, value) {
    if (input.value !== value) input.value = value; // the cursor stays where it is
    typed.add(input);
    redraw.soon();
  }

  /** The sentence that is read back to the customer, date by date where there are parts. */
  function spoken({ dueOn, amountYen, method: way, parts }) {
    const dates = parts.map((part) => t("promise.one_part", {
      date: f.spokenDate(part.due_on), amount: f.yen(part.amount_yen) }));
    return {
      date: f.spokenDate(dueOn),
      amount: amountYen === null ? "" : f.yen(amountYen),
      n: parts.length,
      parts: parts.length <= 3 ? dates.join("、")
        : t("promise.first_to_last", { first: dates[0], second: dates[1], last: dates.at(-1) }),
      method: way ? t(`promise_method.${way}`) : "",
    };
  }

  function readBack(now) {
    const filled = spoken(now);
    const by = now.method ? t("promise.by_method", filled) : "";
    const plain = now.amountYen === null ? "promise.read_back_date" : "promise.read_back";
    return t(now.parts.length ? "promise.read_back_parts" : plain, filled) + by;
  }

  act.readPromise = judged;
  act.promiseGoesOut = () => typed.clear();
  act.focusPromise = ({ missing = false } = {}) => {
    asked = missing;
    date.focus();
    redraw.soon();
  };
  for (const input of [date, amount, method, count]) {
    input.addEventListener("input", () => enter(input, input.value));
  }
  words.addEventListener("input", () => {
    const meant = spokenDate(words.value, { today: rules().today, holidays: holidays() });
    enter(words, words.value);
    if (meant) enter(date, meant);
  });
  at("next-business-day").addEventListener("click", (event) => {
    enter(date, event.currentTarget.dataset.day);
  });
  for (const input of [date, amount, words]) {
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.isComposing) act.pressStatus("payment_date");
    });
  }
  at("withdraw").addEventListener("click", () => act.withdrawPromise());
  at("common-dates").addEventListener("click", (event) => {
    const button = event.target.closest("button[data-key]");
    if (button) enter(date, button.dataset.key);
  });
  at("full-amount").addEventListener("click", (event) => {
    enter(amount, event.currentTarget.dataset.amount);
  });

  /** A new call or another saved promise refills the fields; what was typed since is kept. */
  function followServer({ call }) {
    const promise = call?.promise ?? null;
    const newCall = (call?.id ?? null) !== callId;
    const key = promise ? JSON.stringify(promise) : null;
    const newPromise = key !== null && key !== saved;
    callId = call?.id ?? null;
    if (key === null) saved = null;
    const later = local.state.pending.some(({ event }) => event === "set_promise");
    if (!newCall && (!newPromise || later)) return; // until then the fields hold what goes out
    saved = key;
    asked = false;
    if (newCall) typed.clear();
    const told = [
      [date, promise?.due_on ?? ""],
      [amount, promise?.amount_yen ? f.count(promise.amount_yen) : ""],
      [method, promise?.method ?? ""],
      [count, String(promise?.parts.length || 1)],
      [words, ""],
    ];
    for (const [input, value] of told) if (!typed.has(input)) input.value = value;
  }

  function drawReadBack({ call }) {
    const now = judged();
    const promise = call?.promise ?? null;
    const unchanged = promise && isSamePromise(now, promise);
    let [state, text] = ["empty", ""];
    if (unchanged) [state, text] = ["saved", t("promise.saved", spoken(now))];
    else if (now.problem && date.value) {
      [state, text] = ["problem", t(`promise.${now.problem}`, rules())];
    } else if (date.value) {
      [state, text] = ["asking", readBack(now)];
    } else if (promise) [state, text] = ["saved", t("promise.still_saved")];
    else if (asked) [state, text] = ["asking", t("error.promise-missing")];
    setAttributes(at("read-back"), { "data-state": state });
    setText(at("read-back-text"), text);
    at("withdraw").hidden = promise === null;
    const closed = date.value && now.problem === null && !isBusinessDay(date.value, holidays());
    at("next-business-day").hidden = !closed;
    if (!closed) return;
    const day = businessDayFrom(date.value, holidays());
    setAttributes(at("next-business-day"), { "data-day": day });
    setText(at("next-business-day"), t("promise.next_business_day", { date: f.spokenDate(day) }));
  }

  /** One payment, and the campaign's plans; a saved one stays where it is offered no more. */
  function drawPlans({ campaign, call }) {
    const counts = campaign.instalment_counts;
    const kept = call?.promise?.parts.length ?? 0;
    const offered = kept > 1 && !counts.includes(kept) ? [...counts, kept] : counts;
    const chosen = count.value;
    reconcile(count, [1, ...offered], {
      keyOf: String,
      create: (n) => el("option", { value: String(n) }),
      update: (option, n) => setText(option,
        n === 1 ? t("promise.at_once") : t("promise.in_parts", { n })),
    });
    count.value = [1, ...offered].map(String).includes(chosen) ? chosen : "1";
  }

  function drawOffers(state) {
    const status = state.campaign.statuses.find(({ code }) => code === "payment_date");
    const waits = !status || awaitsIdentity(status, state) || isStranger(state);
    at("promise").disabled = !offers(state, { linkUp: true }).record || waits;
    const today = businessDate(clock.now());
    setAttributes(date, { min: today, max: addDays(today, state.campaign.promise_max_days) });
    reconcile(at("common-dates"), commonDates(today, state.campaign.promise_max_days), {
      keyOf: ({ dueOn }) => dueOn,
      create: () => el("button", { type: "button", class: "button button-small" }),
      update: (button, { id }) => setText(button, t(`promise.${id}`)),
    });
    const total = (state.record?.debts ?? []).reduce((sum, debt) => sum + debt.amount_yen, 0);
    at("full-amount").hidden = total === 0;
    setAttributes(at("full-amount"), { "data-amount": f.count(total) });
    setAttributes(at("full-amount"), { title: f.yen(total) });
  }

  redraw.draw(() => {
    if (!server.state?.campaign || !clock.known) return;
    drawPlans(server.state);
    followServer(server.state);
    drawOffers(server.state);
    drawReadBack(server.state);
    setAttributes(at("promise"), { "data-pending": local.state.pending.some(({ event }) =>
      event === "set_promise" || event === "withdraw_promise") });
  });
}
