/** 訂正: the result of one of today's calls, said anew; what it was stays as an earlier version. */
import { el, part, setText } from "./dom.js";
import { planFields } from "./plan_fields.js";

export function correctionForm({ root, t, f, act, onSaved }) {
  const at = (name) => part(root, name);
  const form = at("correction");
  const plan = planFields({ root: form, t, f });
  let shown = null; // the result as it was opened
  let opener = null;

  const marked = () => [...form.querySelectorAll("[data-code]")]
    .filter((box) => box.checked).map((box) => box.dataset.code);

  function fill(result) {
    shown = result;
    at("correction-codes").replaceChildren(...result.statuses.map(({ code, label, possible }) => {
      const named = { "data-code": code, "data-testid": `correct-${code}` };
      const box = el("input", { type: "checkbox", ...named });
      box.checked = result.codes.includes(code);
      box.disabled = !possible && !box.checked;
      box.addEventListener("change", showPromise);
      return el("label", {}, box, el("span", {}, label));
    }));
    plan.fill(result.promise, result.instalment_counts);
    at("correction-counterpart").value = result.counterpart;
    at("correction-note").value = result.note ?? "";
    at("correction-note").placeholder = result.note === null ? t("correction.note_withheld") : "";
    showPromise();
  }

  function showPromise() {
    const promised = marked().includes("payment_date");
    at("correction-promise").hidden = !promised;
    plan.want(promised);
  }

  function wanted(promised) {
    const codes = marked();
    const note = at("correction-note").value.trim();
    const counterpart = at("correction-counterpart").value;
    return {
      call_id: shown.call_id,
      based_on: shown.version,
      codes,
      ...(note === (shown.note ?? "") ? {} : { note }),
      ...(counterpart === shown.counterpart ? {} : { counterpart }),
      ...promised,
    };
  }

  function close() {
    form.hidden = true;
    shown = null;
    opener?.focus();
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const promised = marked().includes("payment_date") ? plan.read() : {};
    if (promised === null) plan.focus();
    if (!shown || !promised || !(await act.correctResult(wanted(promised)))) return;
    close();
    onSaved();
  });
  at("correction-leave").addEventListener("click", close);
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    close();
  });

  return {
    async open(callId, by) {
      const result = await act.openResult(callId);
      if (!result) return;
      opener = by;
      const line = by.closest("li");
      setText(at("correction-title"), t("correction.title", {
        call: [...line.children].slice(0, 2).map((each) => each.textContent).join(" ") }));
      fill(result);
      form.hidden = false;
      form.scrollIntoView({ block: "nearest" });
      form.querySelector("input:not([disabled])").focus();
    },
  };
}
