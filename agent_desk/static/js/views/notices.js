/**
 * Short messages at the edge of the page; they go by themselves, refusals after a longer while.
 *
 * A refusal may say what it is `about`; it goes at once when that has worked after all (`settle`),
 * so that nobody reads that something cannot be done beside the news that it is done.
 */
import { el, icon } from "./dom.js";

const STAY_MS = { info: 6000, problem: 15_000 };
const MOST = 4;

/**
 * @returns {{
 *   info: (text: string) => void,
 *   problem: (text: string, about?: string) => void,
 *   settle: (about: string) => void,
 * }}
 */
export function notices(area, { t }) {
  function show(kind, text, about = null) {
    drop((old) => old.dataset.text === text);
    const close = el("button", {
      type: "button", class: "chip-button", "aria-label": t("app.close"),
    }, icon("cross"));
    const marks = { role: "status", "data-text": text, "data-about": about };
    const toast = el("div", { class: `toast toast-${kind}`, ...marks },
      icon(kind === "problem" ? "warning" : "info"), el("p", {}, text), close);
    const remove = () => toast.remove();
    close.addEventListener("click", remove);
    setTimeout(remove, STAY_MS[kind]);
    area.append(toast);
    while (area.children.length > MOST) area.firstElementChild.remove();
  }
  function drop(which) {
    for (const old of [...area.children].filter(which)) old.remove();
  }
  return {
    info: (text) => show("info", text),
    problem: (text, about) => show("problem", text, about),
    settle: (about) => drop((old) => old.dataset.about === about),
  };
}
