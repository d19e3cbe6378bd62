/** 支払日設定 before it is saved: what is typed, whether it may be promised, how it is read back. */
import { addDays, daysBetween, endOfMonth, parseYen } from "./format.js";
import { instalments } from "./instalments.js";

/**
 * Judge what is typed. The server judges again; this is for an answer while typing.
 * @param {{dueOn: string, amount: string}} typed the two fields as they are
 * @param {{today: string, maxDays: number}} rules ISO date, and how far ahead a promise may be
 * @returns {{dueOn: string|null, amountYen: number|null, method: string|null,
 *   parts: {due_on: string, amount_yen: number}[], problem: string|null}}
 */
export function judgePromise({ dueOn, amount, method = "", count = 1 }, { today, maxDays }) {
  const amountYen = amount.trim() ? parseYen(amount) : null;
  const judged = {
    dueOn: dueOn || null, amountYen, method: method || null, parts: [], problem: null,
  };
  if (!dueOn) judged.problem = "date_missing";
  else if (daysBetween(today, dueOn) < 0) judged.problem = "date_past";
  // not `>`: a year of five digits, which a keyboard can produce, is no number of days at all
  else if (!(daysBetween(today, dueOn) <= maxDays)) judged.problem = "date_too_far";
  else if (amount.trim() && amountYen === null) judged.problem = "amount_unreadable";
  else if (count > 1 && !(amountYen >= count)) judged.problem = "amount_missing";
  else if (count > 1) judged.parts = instalments({ dueOn, amountYen }, count);
  return judged;
}

/** Whether what is typed is what was saved. */
export function isSamePromise(typed, saved) {
  return saved?.due_on === typed.dueOn && saved.amount_yen === typed.amountYen
    && saved.method === typed.method
    && JSON.stringify(saved.parts.map((part) => [part.due_on, part.amount_yen]))
      === JSON.stringify(typed.parts.map((part) => [part.due_on, part.amount_yen]));
}

/** The dates people promise most: offered as one press each, within the limit. */
export function commonDates(today, maxDays) {
  const dates = [
    { id: "tomorrow", dueOn: addDays(today, 1) },
    { id: "in_a_week", dueOn: addDays(today, 7) },
    { id: "end_of_month", dueOn: endOfMonth(today) },
    { id: "end_of_next_month", dueOn: endOfMonth(today, 1) },
  ];
  const seen = new Set();
  return dates.filter(({ dueOn }) => {
    const ahead = daysBetween(today, dueOn);
    const offered = ahead > 0 && ahead <= maxDays && !seen.has(dueOn);
    seen.add(dueOn);
    return offered;
  });
}
