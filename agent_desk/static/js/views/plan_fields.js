/**
 * A promise as a correction says it: date, amount, way, and the parts of a plan. Date, amount and
 * number lay the parts out evenly; each can then be put right by itself, and the sum is told.
 */
import { parseYen } from "../core/format.js";
import { instalments } from "../core/instalments.js";
import { el, part, reconcile, setAttributes, setText } from "./dom.js";

export function planFields({ root, t, f }) {
  const at = (name) => part(root, name);
  const [date, amount, method] = [at("plan-date"), at("plan-amount"), at("plan-method")];
  const [count, rows, sum] = [at("plan-count"), at("plan-rows"), at("plan-sum")];

  const typedAmount = () => parseYen(amount.value);
  const parts = () => [...rows.children].map((row) => {
    const [day, yen] = row.querySelectorAll("input");
    return { due_on: day.value, amount_yen: parseYen(yen.value) };
  });

  function row({ due_on: day, amount_yen: yen }, index) {
    const n = index + 1;
    return el("li", {},
      el("input", { type: "date", name: "part_due_on", value: day,
        "aria-label": t("correction.part_date", { n }) }),
      el("input", { name: "part_amount_yen", value: f.count(yen), class: "short",
        inputmode: "numeric", autocomplete: "off", "aria-describedby": sum.id,
        "aria-label": t("correction.part_amount", { n }) }));
  }

  function offer(counts) {
    reconcile(count, [1, ...counts], {
      keyOf: String,
      create: (n) => el("option", { value: String(n) }),
      update: (option, n) => setText(option,
        n === 1 ? t("promise.at_once") : t("promise.in_parts", { n })),
    });
  }

  /** Equal parts a month apart; none where they cannot be laid out yet. */
  function lay() {
    const [n, amountYen] = [Number(count.value), typedAmount()];
    const possible = n > 1 && date.value && amountYen >= n;
    const plan = possible ? instalments({ dueOn: date.value, amountYen }, n) : [];
    rows.replaceChildren(...plan.map(row));
    tell();
  }

  /** What is wrong, as a sentence; "" where the promise can be saved like this. */
  function problem() {
    if (amount.value.trim() && typedAmount() === null) return t("promise.amount_unreadable");
    if (Number(count.value) > 1 && rows.children.length === 0) return t("promise.amount_missing");
    if (rows.children.length === 0) return "";
    const total = parts().reduce((all, each) => all + (each.amount_yen ?? 0), 0);
    if (total === typedAmount()) return "";
    return t("correction.plan_differs", {
      sum: f.yen(total), difference: f.yen(Math.abs(total - (typedAmount() ?? 0))),
    });
  }

  function tell() {
    const wrong = problem();
    const whole = rows.children.length && !wrong;
    setAttributes(sum, { "data-state": wrong ? "problem" : "good" });
    setText(sum, whole ? t("correction.plan_sum", { sum: f.yen(typedAmount()) }) : wrong);
  }

  for (const input of [date, amount, count]) input.addEventListener("input", lay);
  rows.addEventListener("input", () => {
    date.value = rows.querySelector("input").value; // a plan begins with its first part
    tell();
  });

  return {
    /** Show a promise, or none; `counts`: into how many parts it may be shared. */
    fill(promise, counts) {
      date.value = promise?.due_on ?? "";
      amount.value = promise?.amount_yen ? f.count(promise.amount_yen) : "";
      method.value = promise?.method ?? "";
      offer(counts);
      count.value = String(promise?.parts.length || 1);
      rows.replaceChildren(...(promise?.parts ?? []).map(row));
      tell();
    },
    /** What is typed; null while it cannot be saved, which the sentence under it says. */
    read() {
      if (problem()) return null;
      const told = { due_on: date.value, amount_yen: typedAmount(), method: method.value || null };
      return { ...told, parts: parts() };
    },
    /** Ask for a date, or do not. */
    want: (needed) => setAttributes(date, { required: needed ? "" : null }),
    focus: () => amount.focus(),
    tell,
  };
}
