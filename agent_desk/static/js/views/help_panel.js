/** Raising a hand, and what leads write: it waits to be read and takes the focus from nobody. */
import { el, icon, part, reconcile, setAttributes, setText } from "./dom.js";

export function helpPanel({ root, server, local, redraw, t, f, act }) {
  const at = (name) => part(root, name);
  const button = at("raise-hand");
  const reason = at("hand-reason");
  button.addEventListener("click", () => {
    if (server.state?.help?.hand) act.lowerHand();
    else act.raiseHand(reason.value);
  });

  function create({ id }) {
    const read = el("button", {
      type: "button", class: "button button-small", "data-testid": "acknowledge-message",
    }, el("span", {}, t("help.acknowledge")), el("kbd", {}, "A"));
    read.addEventListener("click", () => act.acknowledge(id));
    return el("p", { class: "banner banner-message", "data-testid": "message" },
      icon("message"), el("span", { "data-part": "said" }), read);
  }

  redraw.draw(() => {
    const { hand = null, messages = [] } = server.state?.help ?? {};
    const ready = Boolean(server.state?.seat) && local.state.link === "up";
    button.disabled = !ready;
    reason.disabled = !ready || Boolean(hand);
    if (hand && reason.value !== hand.reason) reason.value = hand.reason;
    setAttributes(button, { "aria-pressed": String(Boolean(hand)) });
    setText(at("raise-hand-text"), t(hand ? "help.lower" : "help.raise"));
    reconcile(at("messages"), messages, {
      keyOf: ({ id }) => id,
      create,
      update: (line, { by, text, at: when, again }) => {
        const told = { by, text, at: f.time(Date.parse(when)) };
        setText(part(line, "said"), t(again ? "help.message_again" : "help.message", told));
      },
    });
  });
}
