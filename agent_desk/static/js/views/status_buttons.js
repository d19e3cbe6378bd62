/** 接触・有効コール・支払日設定 and the campaign's own, in one row, one number key each. */
import { awaitsIdentity, isMarked, isStranger, offers, statusesFor } from "../core/seat_rules.js";
import { el, icon, part, reconcile, setAttributes, setText } from "./dom.js";

const COLOUR = /^(#[0-9a-f]{3,8}|[a-z]+)$/i;

export function statusButtons({ root, server, local, redraw, t, act }) {
  const row = part(root, "statuses");
  row.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-key]");
    if (button) act.pressStatus(button.dataset.key);
  });

  function create({ code }) {
    return el("button", {
      type: "button",
      class: "button status",
      "data-testid": `status-${code.replaceAll("_", "-")}`,
    }, el("span", { class: "status-mark" }), el("span", { class: "status-label" }));
  }

  function update(button, status) {
    const { call, campaign } = server.state;
    const pending = local.state.pending;
    const marked = isMarked(status.code, call, pending);
    const waits = call !== null && awaitsIdentity(status, { call, campaign });
    const nobody = status.code === "payment_date" && isStranger(server.state);
    button.disabled = !offers(server.state, { linkUp: true }).record || waits || nobody;
    setAttributes(button, {
      "aria-pressed": String(marked),
      "data-pending": marked !== (call?.codes.includes(status.code) ?? false),
      title: nobody ? t("error.caller-unknown") : waits ? t("status.after_identity") : null,
    });
    if (!button.querySelector("kbd") && status.hotkey) button.append(el("kbd", {}, status.hotkey));
    if (!button.querySelector(".icon")) {
      button.querySelector(".status-mark").append(icon("check"));
    }
    if (COLOUR.test(status.colour ?? "")) {
      button.style.setProperty("--status-colour", status.colour);
    }
    setText(button.querySelector(".status-label"), status.label);
  }

  redraw.draw(() => {
    if (!server.state?.campaign) return;
    reconcile(row, statusesFor(server.state), { keyOf: ({ code }) => code, create, update });
  });
}
