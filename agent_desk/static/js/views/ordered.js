/** On the operator's page: what a lead ordered and by whom, while it waits and once it is done. */
import { orderText } from "../core/orders.js";
import { part, setText } from "./dom.js";

export function ordered({ root, server, redraw, t }) {
  const banner = part(root, "ordered-banner");
  redraw.draw(() => {
    const order = server.state?.seat?.order ?? null;
    banner.hidden = order === null;
    const key = order?.done ? "orders.desk_done" : "orders.desk_waiting";
    setText(banner, order === null ? "" : orderText(t, key, order));
  });
}
