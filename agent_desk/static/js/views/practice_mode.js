/** Practice: to the pretend customers and back, and saying all the while that it is practice. */
import { part, setAttributes, setText } from "./dom.js";

const FREE = new Set(["starting", "available", "away"]);

export function practiceMode({ root, server, local, redraw, t, act }) {
  const button = part(root, "practice");
  button.addEventListener("click", () =>
    (server.state?.campaign?.training ? act.leavePractice() : act.enterPractice()));
  redraw.draw(() => {
    const { seat, campaign } = server.state ?? {};
    const on = Boolean(campaign?.training);
    button.disabled = local.state.link !== "up" || !seat || !FREE.has(seat.state) ||
      Boolean(seat.consult);
    setAttributes(button, { "aria-pressed": String(on) });
    setText(part(root, "practice-text"), t(on ? "practice.leave" : "practice.enter"));
    setText(part(root, "practice-banner"), on ? t("practice.banner") : "");
    part(root, "practice-banner").hidden = !on;
  });
}
