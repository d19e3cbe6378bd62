/** A long report on its way: how far it is, once a second, until it is over; then the page is asked
 * for again, which has the report. What cannot be asked now is asked again. */
import { part } from "./dom.js";

const EVERY_MS = 1000;

export function reportJob(document, { fetch, later, reload }) {
  const box = part(document, "report-job");
  const share = box && part(box, "job-share");
  if (!share) return; // none, or over
  const words = part(box, "job-words");

  async function look() {
    try {
      const address = `/reports/jobs/${box.dataset.job}/state`;
      const answer = await fetch(address, { headers: { Accept: "application/json" } });
      if (!answer.ok) return reload(); // forgotten, or signed out: the page says which
      const told = await answer.json();
      if (told.over) return reload();
      share.value = told.share;
      words.textContent = told.words;
      box.dataset.state = told.state;
    } catch {
      box.dataset.state = "away";
    }
    later(look, EVERY_MS);
  }
  later(look, EVERY_MS);
}
