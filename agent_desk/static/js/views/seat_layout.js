/** How seats are laid out: a button for each way, one area for each; remembered by the browser. */
import { setAttributes } from "./dom.js";

const KEPT = "floor-layout";

/** @returns {{is: (name: string) => boolean}} asked by the views, which draw only what is shown */
export function seatLayout({ root, redraw, storage }) {
  const buttons = [...root.querySelectorAll("[data-layout]")];
  const names = buttons.map(({ dataset }) => dataset.layout);
  const kept = storage.getItem(KEPT);
  let current = names.includes(kept) ? kept : names[0];

  function show() {
    for (const button of buttons) {
      setAttributes(button, { "aria-pressed": String(button.dataset.layout === current) });
    }
    for (const area of root.querySelectorAll("[data-layout-area]")) {
      area.hidden = area.dataset.layoutArea !== current;
    }
  }

  for (const button of buttons) {
    button.addEventListener("click", () => {
      current = button.dataset.layout;
      storage.setItem(KEPT, current);
      show();
      redraw.soon();
    });
  }
  show();
  return { is: (name) => current === name };
}
