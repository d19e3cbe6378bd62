/**
 * A drawer over the call: opened by a button or its key, it takes the focus because somebody asked
 * for it, and gives it back. Escape closes it, and so does the end of what it is for.
 */
import { setAttributes } from "./dom.js";

/**
 * @param {Element} panel
 * @param {{opener: HTMLButtonElement, first: () => HTMLElement|null, onOpen?: () => void}} parts
 */
export function drawer(panel, { opener, first, onOpen = () => {} }) {
  function open() {
    panel.hidden = false;
    setAttributes(opener, { "aria-expanded": "true" });
    onOpen();
    first()?.focus();
  }

  function close({ focus = true } = {}) {
    if (panel.hidden) return;
    const had = panel.contains(document.activeElement);
    panel.hidden = true;
    setAttributes(opener, { "aria-expanded": "false" });
    if (focus && had) opener.focus();
  }

  setAttributes(opener, { "aria-expanded": "false" });
  opener.addEventListener("click", () => (panel.hidden ? open() : close()));
  panel.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    close();
  });
  return { close, get isOpen() { return !panel.hidden; } };
}
