/** Who is in the operator's call: said while it is so, wherever the campaign does not hide it. */
import { part, setText } from "./dom.js";

export function monitored({ root, server, redraw, t }) {
  const banner = part(root, "monitored-banner");
  redraw.draw(() => {
    const leads = server.state?.supervised ?? [];
    const words = leads.map(({ name, mode }) => t(`supervision.shown.${mode}`, { name }));
    setText(banner, words.join(" "));
    banner.hidden = leads.length === 0;
  });
}
