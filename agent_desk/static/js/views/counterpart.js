/**
 * 相手方: asked when a result is saved and nothing tells who was spoken to. One key, or a click,
 * answers and saves; Escape goes back to the result.
 */
import { part } from "./dom.js";

const SAID = ["unverified", "third_party", "nobody", "unknown"];

export function counterpart({ root, server, redraw, act }) {
  const row = part(root, "counterpart");
  let callId = null;

  function close() {
    if (row.hidden) return;
    const had = row.contains(document.activeElement);
    row.hidden = true;
    if (had) part(root, "save-result").focus();
  }

  function say(said) {
    close();
    act.saveResult(said);
  }

  act.askCounterpart = () => {
    callId = server.state?.call?.id ?? null;
    row.hidden = false;
    row.querySelector("button").focus();
  };
  row.addEventListener("click", ({ target }) => {
    const button = target.closest("button[data-said]");
    if (button) say(button.dataset.said);
  });
  row.addEventListener("keydown", (event) => {
    const said = SAID[Number(event.key) - 1];
    if (event.key === "Escape") close();
    if (!said || event.repeat) return;
    event.preventDefault(); // nor is it the key of a status
    say(said);
  });
  redraw.draw(() => {
    if ((server.state?.call?.id ?? null) !== callId) close();
  });
}
