/**
 * A second press, elsewhere: a row of choices that opens beside the button that asked for it and
 * takes the focus. Quick for who means it (Enter, Enter), and not to be had by accident: neither a
 * double click nor a key held down goes through, and Escape or the last button leaves it.
 */
import { el, icon, reconcile, setIcon, setText } from "./dom.js";

const SETTLE_MS = 400; // longer than a double click takes

/**
 * @param {{t: Function, label: string, onChoice: (choice: string) => void,
 *   now?: () => number}} view
 * @returns {{element: Element, open: Function, ask: Function, close: Function, isOpen: boolean,
 *   tone: string}}
 */
export function twoStep({ t, label, onChoice, now = () => performance.now() }) {
  const question = el("p", { class: "two-step-question" });
  const row = el("div", { class: "two-step-choices" });
  const element = el("div", { class: "two-step", role: "group", "aria-label": label, hidden: "" },
    icon("warning"), question, row);
  let openedAt = 0;
  let opener = null;

  const button = ({ choice, look, icon: image }) => el("button", {
    type: "button", class: `button button-small ${look ?? ""}`, "data-testid": choice,
  }, image ? icon(image) : null, el("span"));

  function ask(text, choices) {
    setText(question, text);
    reconcile(row, [...choices, { choice: "two-step-leave", text: t("floor.leave") }], {
      keyOf: ({ choice }) => choice,
      create: button,
      update: (each, { text: words }) => setText(each.lastElementChild, words),
    });
  }

  function close({ focus = true } = {}) {
    if (element.hidden) return;
    const had = element.contains(document.activeElement);
    element.hidden = true;
    if (focus && had) opener?.focus();
  }

  row.addEventListener("click", (event) => {
    const choice = event.target.closest("button")?.dataset.key;
    if (!choice || now() - openedAt < SETTLE_MS) return;
    close();
    if (choice !== "two-step-leave") onChoice(choice);
  });
  element.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    if (event.repeat && (event.key === "Enter" || event.key === " ")) event.preventDefault();
  });

  return {
    element,
    close,
    /** Open with a question and `{choice, text, look, icon}` to choose from.
     *  `by` gets the focus back; `tone`: stop or go. */
    open(text, choices, by, tone = "stop") {
      opener = by;
      element.dataset.tone = tone;
      setIcon(element.firstElementChild, tone === "go" ? "play" : "warning");
      openedAt = now();
      ask(text, choices);
      element.hidden = false;
      row.firstElementChild.focus();
    },
    /** Say anew what is at stake while it is open. */
    ask: (text, choices) => { if (!element.hidden) ask(text, choices); },
    get isOpen() { return !element.hidden; },
    /** What the row that is open, or was last, is for. */
    get tone() { return element.dataset.tone; },
  };
}
