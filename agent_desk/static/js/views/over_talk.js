/** That the talk is past the limit of the centre: the lead is told at the same time. */
import { part, setText } from "./dom.js";

export function overTalk({ root, server, redraw, t, f }) {
  const banner = part(root, "talk-banner");
  redraw.draw(() => {
    const over = server.state?.over_talk ?? null;
    // The text first: a screen reader speaks what a status holds when it appears.
    setText(banner, over ? t("desk.over_talk", { limit: f.duration(over.limit_s) }) : "");
    banner.hidden = over === null;
  });
}
