/** Instants that came with the page as ISO 8601: in Japanese time, with or without the day. */
import { setText } from "./dom.js";

export function showInstants(root, { f }) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    setText(time, f[time.dataset.format ?? "instant"](time.dateTime, Date.now()));
  }
}
