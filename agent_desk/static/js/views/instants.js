/** Instants that came with the page as ISO 8601: shown in Japanese time. */
import { setText } from "./dom.js";

export function showInstants(root, { f }) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    setText(time, f.dayAndTime(time.dateTime));
  }
}
