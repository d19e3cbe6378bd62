/** `/admin/statuses`: the button looks on the form as it will on the desk. */
import { statusPreview } from "./views/status_preview.js";

statusPreview(document);
