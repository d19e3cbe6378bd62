/**
 * What a screen reader says. Three things interrupt: a customer is connected, the customer has
 * gone, the connection is lost. Everything else waits its turn.
 */
import { part, setText } from "./dom.js";

export function announcer(root) {
  return {
    politely: (text) => setText(part(root, "say-politely"), text),
    atOnce: (text) => setText(part(root, "say-at-once"), text),
  };
}

/** Say what happens to the seat and the call. */
export function announceCalls({ server, t, announce }) {
  server.addEventListener("change", ({ detail: { before, after } }) => {
    const state = after.seat?.state;
    if (!state || before?.seat?.state === state) return;
    if (state === "talking" && before?.seat?.state !== "hold") {
      announce.atOnce(t("say.connected", { name: after.record?.customer.name ?? "" }));
    } else if (state === "wrap_up" && after.call?.ended_by === "customer") {
      announce.atOnce(t("say.customer_gone"));
    } else {
      announce.politely(t("say.state", { state: t(`state.${state}`) }));
    }
  });
}
