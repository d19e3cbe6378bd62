/** The bar on top of the desk: campaign, audio path, connection, time of the centre. */
import { quality } from "../core/quality.js";
import { part, setAttributes, setText } from "./dom.js";

const BARS = ["unknown", "poor", "fair", "good"];

/** What the audio path is like, in one word: a microphone problem goes before the leg's state. */
export function mediaWord({ mic, media, samples }) {
  if (mic !== "live") return { word: `mic_${mic}`, bars: 0 };
  if (media !== "up") return { word: media === "off" ? "connecting" : media, bars: 0 };
  const { bars } = quality(samples);
  return { word: bars ? BARS[bars] : "up", bars: bars || 3 };
}

export function liveBar({ root, server, local, clock, redraw, t, f }) {
  const at = (name) => part(root, name);
  redraw.draw(() => {
    const { word, bars } = mediaWord(local.state);
    const up = local.state.mic === "live" && local.state.media === "up";
    setAttributes(at("media-state"), {
      "data-state": up ? "up" : local.state.media === "failed" ? "down" : local.state.media,
    });
    setAttributes(at("bars"), { "data-bars": bars });
    setText(at("media-text"), t(`media.${word}`));
    setAttributes(at("link-state"), { "data-state": local.state.link });
    setText(at("link-text"), t(`link.${local.state.link}`));
    setText(at("campaign-name"), server.state?.campaign?.name ?? "");
  });
  redraw.tick(() => setText(at("server-time"), clock.known ? f.time(clock.now()) : ""));
}
