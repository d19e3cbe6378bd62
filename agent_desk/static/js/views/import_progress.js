/** Imports kept true while they are under way: the table of them, and the page of one. */
import { el, part, setAttributes, setText } from "./dom.js";

const EVERY_MS = 1500;
const LATE_MS = 6000; // after an answer that did not come
const UNDER_WAY = ["reading", "checking", "queued", "undoing"];
const COUNTS = ["rows", "accepted", "rejected"];

/** Asks only while there is something to wait for; a page nobody looks at does not ask. */
export function importProgress(root, { t }) {
  const rows = part(root, "batches");
  const one = part(root, "import");
  if (rows) {
    watch(() => rows.querySelector(UNDER_WAY.map((each) => `[data-looks="${each}"]`).join()),
      "/admin/imports/progress", (told) => told.forEach(drawRow));
  } else if (one) {
    watch(() => UNDER_WAY.includes(one.dataset.state),
      `/admin/imports/${one.dataset.batch}/progress`, drawOne);
  }

  function drawRow(batch) {
    const row = rows.querySelector(`[data-batch="${batch.id}"]`);
    if (!row) return;
    if (batch.over && UNDER_WAY.includes(row.dataset.looks)) {
      setText(part(root, "say-politely"), `${row.cells[0].textContent} ${batch.state}`);
    }
    setAttributes(row, { "data-looks": batch.looks });
    setText(part(row, "state"), batch.state);
    setText(part(row, "error"), batch.error);
    for (const name of COUNTS) setText(part(row, name), batch[name] ?? "—");
    if (batch.error_file_url && !part(row, "error-file").querySelector("a")) {
      part(row, "error-file").replaceChildren(el("a", {
        href: batch.error_file_url, download: "", "data-testid": "error-file",
      }, t("admin.import.download_errors")));
    }
  }

  /** The next step is another page, made by the server. */
  function drawOne(batch) {
    if (batch.step !== one.dataset.state) {
      location.replace(location.pathname);
      return;
    }
    const bar = part(one, "progress");
    if (bar) setAttributes(bar, { max: batch.rows ?? 1, value: batch.done });
    for (const name of ["added", "updated", "duplicates", "errors"]) {
      const figure = part(one, name);
      if (figure) setText(figure, batch[name]);
    }
  }

  function watch(underWay, path, draw) {
    async function ask() {
      if (!underWay()) return;
      let next = EVERY_MS;
      if (!root.hidden) {
        try {
          const answer = await fetch(path, { headers: { Accept: "application/json" } });
          if (!answer.ok) throw new Error(String(answer.status));
          draw(await answer.json());
        } catch {
          next = LATE_MS;
        }
      }
      setTimeout(ask, next);
    }
    setTimeout(ask, EVERY_MS);
  }
}
