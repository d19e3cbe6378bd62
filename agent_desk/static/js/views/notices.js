/** Short messages at the edge of the page; they go by themselves, refusals after a longer while. */
import { el, icon } from "./dom.js";

const STAY_MS = { info: 6000, problem: 15_000 };
const MOST = 4;

/** @returns {{info: (text: string) => void, problem: (text: string) => void}} */
export function notices(area, { t }) {
  function show(kind, text) {
    for (const old of area.children) if (old.dataset.text === text) old.remove();
    const close = el("button", {
      type: "button", class: "chip-button", "aria-label": t("app.close"),
    }, icon("cross"));
    const toast = el("div", { class: `toast toast-${kind}`, role: "status", "data-text": text },
      icon(kind === "problem" ? "warning" : "info"), el("p", {}, text), close);
    const remove = () => toast.remove();
    close.addEventListener("click", remove);
    setTimeout(remove, STAY_MS[kind]);
    area.append(toast);
    while (area.children.length > MOST) area.firstElementChild.remove();
  }
  return { info: (text) => show("info", text), problem: (text) => show("problem", text) };
}
