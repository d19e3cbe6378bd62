/** The switch between campaigns as they are steered and a line or two of each, above the seats. */
import { part, setAttributes } from "./dom.js";

const KEPT = "floor-campaigns";

/** Remembered by the browser: how much a lead wants to see depends on the screen. */
export function campaignsBrief({ root, storage }) {
  const button = part(root, "campaigns-brief"), panels = part(root, "campaigns");

  function show(brief) {
    setAttributes(button, { "aria-pressed": String(brief) });
    setAttributes(panels, { "data-brief": String(brief) });
  }

  button.addEventListener("click", () => {
    const brief = panels.dataset.brief !== "true";
    storage.setItem(KEPT, brief ? "brief" : "whole");
    show(brief);
  });
  show(storage.getItem(KEPT) === "brief");
}
