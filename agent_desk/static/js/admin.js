/** Pages of `/admin`: a form's first error has the focus, and running imports show how they do. */
import { pageData } from "./page_data.js";
import { importProgress } from "./views/import_progress.js";

document.querySelector('[aria-invalid="true"]')?.focus();
importProgress(document, pageData());
