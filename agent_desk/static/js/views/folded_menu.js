/** The menu beside reports, folded where it would fill a narrow screen; open without scripts. */
import { part } from "./dom.js";

export function foldedMenu(document, { matchMedia }) {
  const menu = part(document, "menu");
  const narrow = matchMedia("(max-width: 30rem)"); // as in admin.css
  const fold = () => { menu.open = !narrow.matches; };
  fold();
  narrow.addEventListener("change", fold);
}
