/** Pages of `/admin`: a form's first error has the focus, running imports show how they do, and the
 * menu of a narrow window is folded. */
import { pageData } from "./page_data.js";
import { part } from "./views/dom.js";
import { importProgress } from "./views/import_progress.js";

const menu = part(document, "menu"); // not on everybody's own pages
if (menu !== null) {
  const narrow = matchMedia("(max-width: 30rem)"); // as in admin.css
  const fold = () => { menu.open = !narrow.matches; };
  fold();
  narrow.addEventListener("change", fold);
}
document.querySelector('[aria-invalid="true"]')?.focus();
importProgress(document, pageData());
