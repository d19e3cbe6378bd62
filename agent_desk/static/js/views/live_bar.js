/** The bar on top of the desk: campaign, audio path, connection, time of the centre. */
import { isDeaf, lineOf } from "../core/quality.js";
import { part, setAttributes, setText } from "./dom.js";

const WORDS = ["up", "bad", "poor", "fair", "good", "good"]; // by bars
const MOST_BARS = 5;

/**
 * What the audio path is like, in a few words: a microphone problem goes before the leg's state,
 * and a poor line, with the side that is to blame, before noise. A talk in which nothing arrives
 * goes before both: a dead gateway is silent seconds before the browser calls the leg lost.
 */
export function mediaText({ mic, media, samples }, seat, t) {
  if (mic !== "live") return { text: t(`media.mic_${mic}`), bars: 0 };
  if (media === "off") return { text: t("media.connecting"), bars: 0 };
  if (media !== "up") return { text: t(`media.${media}`), bars: 0 };
  if (seat?.state === "talking" && isDeaf(samples)) {
    return { text: t("media.nothing_arrives"), bars: 1 };
  }
  const { bars, poor, noisy } = lineOf(samples, seat?.quality);
  const word = t(`media.${WORDS[bars]}`);
  const shown = bars || MOST_BARS;
  if (poor) return { text: t("media.side", { word, sides: t(`media.side_${poor}`) }), bars: shown };
  if (noisy) return { text: t(`media.noisy_${noisy}`), bars: shown, noisy: true };
  return { text: word, bars: shown };
}

export function liveBar({ root, server, local, clock, redraw, t, f }) {
  const at = (name) => part(root, name);
  redraw.draw(() => {
    const { text, bars, noisy = false } = mediaText(local.state, server.state?.seat, t);
    const up = local.state.mic === "live" && local.state.media === "up";
    setAttributes(at("media-state"), {
      "data-state": up ? "up" : local.state.media === "failed" ? "down" : local.state.media,
    });
    setAttributes(at("bars"), { "data-bars": bars, "data-noisy": noisy });
    setText(at("media-text"), text);
    setAttributes(at("link-state"), { "data-state": local.state.link });
    // What is shown of seat and line is then of the moment at which the server fell silent.
    const stale = server.state !== null && local.state.link !== "up";
    setAttributes(document.body, { "data-stale": String(stale) });
    setText(at("link-text"), t(`link.${local.state.link}`));
    setText(at("campaign-name"), server.state?.campaign?.name ?? "");
  });
  redraw.tick(() => setText(at("server-time"), clock.known ? f.time(clock.now()) : ""));
}
