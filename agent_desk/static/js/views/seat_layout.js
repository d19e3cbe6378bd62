/** How seats are laid out: a button for each way, one area for each; remembered by the browser. */
import { setAttributes } from "./dom.js";

const KEPT = "floor-layout";

/**
 * `look` holds what this page shows of the floor: `layout`, `filters` and `sort`.
 * @returns {{names: string[], is: (name: string) => boolean}} asked by the views, which draw only
 *   what is shown
 */
export function seatLayout({ root, look, storage }) {
  const buttons = [...root.querySelectorAll("[data-layout]")];
  const names = buttons.map(({ dataset }) => dataset.layout);
  const is = (name) => look.state.layout === name;

  function show() {
    for (const button of buttons) {
      setAttributes(button, { "aria-pressed": String(is(button.dataset.layout)) });
    }
    for (const area of root.querySelectorAll("[data-layout-area]")) {
      area.hidden = !is(area.dataset.layoutArea);
    }
  }

  for (const button of buttons) {
    button.addEventListener("click", () => look.set({ layout: button.dataset.layout }));
  }
  const kept = storage.getItem(KEPT);
  look.set({ layout: names.includes(kept) ? kept : names[0] });
  look.addEventListener("change", ({ detail: { before, after } }) => {
    if (before.layout === after.layout) return;
    storage.setItem(KEPT, after.layout);
    show();
  });
  show();
  return { names, is };
}
