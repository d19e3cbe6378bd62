/** `/reports/calls/<id>/result`: the parts of a promise follow what is typed, and add up. */
import { pageData } from "./page_data.js";
import { planFields } from "./views/plan_fields.js";
import { part } from "./views/dom.js";

const { t, f } = pageData();
const root = part(document, "plan");
if (root) planFields({ root, t, f }).tell();
