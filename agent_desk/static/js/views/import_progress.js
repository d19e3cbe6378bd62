/** The table of imports, kept true while one of them is under way. */
import { el, part, setAttributes, setText } from "./dom.js";

const EVERY_MS = 1500;
const LATE_MS = 6000; // after an answer that did not come
const UNDER_WAY = '[data-looks="queued"]';

/** Asks only while there is something to wait for; a page nobody looks at does not ask. */
export function importProgress(root, { t }) {
  const rows = part(root, "batches");
  if (!rows) return;

  function draw(batch) {
    const row = rows.querySelector(`[data-batch="${batch.id}"]`);
    if (!row) return;
    if (batch.over && row.matches(UNDER_WAY)) {
      setText(part(root, "say-politely"), `${row.cells[0].textContent} ${batch.state}`);
    }
    setAttributes(row, { "data-looks": batch.looks });
    setText(part(row, "state"), batch.state);
    setText(part(row, "error"), batch.error);
    setText(part(row, "rows"), batch.rows ?? "—");
    for (const name of ["accepted", "rejected"]) setText(part(row, name), batch[name]);
    if (batch.error_file_url && !part(row, "error-file").querySelector("a")) {
      part(row, "error-file").replaceChildren(el("a", {
        href: batch.error_file_url, download: "", "data-testid": "error-file",
      }, t("admin.import.download_errors")));
    }
  }

  async function ask() {
    if (!rows.querySelector(UNDER_WAY)) return;
    let next = EVERY_MS;
    if (!root.hidden) {
      try {
        const answer = await fetch("/admin/imports/progress", {
          headers: { Accept: "application/json" },
        });
        if (!answer.ok) throw new Error(String(answer.status));
        (await answer.json()).forEach(draw);
      } catch {
        next = LATE_MS;
      }
    }
    setTimeout(ask, next);
  }
  setTimeout(ask, EVERY_MS);
}
