/** What keeps an operator from working, said where it cannot be missed, and what to do about it. */
import { part, setText } from "./dom.js";

const MIC_PROBLEMS = new Set(["denied", "missing", "busy", "muted", "unsupported"]);

export function banners({ root, local, redraw, t, act }) {
  const at = (name) => part(root, name);
  const action = at("media-banner-action");
  let press = null;
  action.addEventListener("click", () => press?.());

  function mediaProblem({ mic, media, mediaProblem: problem, speakerBlocked, takenOver }) {
    if (takenOver) return null;
    if (MIC_PROBLEMS.has(mic)) {
      const retry = mic === "muted" || mic === "unsupported" ? null : "device.retry";
      return { text: t(`device.${mic}`), label: retry, press: act.retryMicrophone };
    }
    if (speakerBlocked) {
      return { text: t("device.blocked"), label: "device.unblock", press: act.resumeSpeaker };
    }
    if (media === "failed" && problem && problem.id !== "connection-lost") {
      return { text: act.explain(problem), label: null };
    }
    return null;
  }

  redraw.draw(() => {
    const lost = ["silent", "down"].includes(local.state.link) && !local.state.takenOver;
    const waiting = local.state.pending.length;
    // The text first: a screen reader speaks what an alert holds when it appears.
    const words = () => (waiting ? t("link.lost_with_unsent", { n: waiting }) : t("link.lost"));
    setText(at("link-banner"), !lost ? "" : local.state.over ? t("link.over") : words());
    at("link-banner").hidden = !lost;

    const problem = mediaProblem(local.state);
    press = problem?.press ?? null;
    at("media-banner").hidden = problem === null;
    setText(at("media-banner-text"), problem?.text ?? "");
    action.hidden = !problem?.label;
    setText(action, problem?.label ? t(problem.label) : "");
  });
}
