/** What a lead does with one seat: a dialog that a button on each tile opens. */
import { orderText } from "../core/orders.js";
import { el, part, reconcile, setAttributes, setText } from "./dom.js";
import { stateText } from "./seat_tile.js";
import { seatSkills } from "./seat_skills.js";

export function seatActions({ root, server, redraw, doing, maySteer, t, f }) {
  if (!maySteer) return;
  const at = (name) => part(root, name);
  const dialog = at("seat-actions");
  const skills = seatSkills({ root, server, doing, t });
  let id = null;
  let shownAt = null; // a refusal from before the dialog was opened is nobody's any more
  const seat = () => server.state?.seats[id];
  // A modal dialog covers the notices at the edge of the page: what was refused is said in it.
  const send = (event, payload) => {
    shownAt = null;
    return doing.run("orders", event, [[event, { seat: id, ...payload }]]);
  };
  doing.addEventListener("change", () => redraw.soon());

  function open(which) {
    id = which;
    at("orders-form").reset();
    dialog.showModal();
    shownAt = doing.refused("orders");
    draw();
    at("orders-what").focus();
  }

  at("orders-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const what = at("orders-what").value;
    const first = Number(at("orders-campaign").value);
    const further = [...at("orders-further").selectedOptions].map(({ value }) => value);
    const payload = { what, when: at("orders-when").value, note: at("orders-note").value };
    if (what === "away") payload.reason = at("orders-reason").value;
    if (what === "work_on") Object.assign(payload, { campaign_id: first, further });
    if (await send("order_seat", payload)) dialog.close();
  });
  at("orders-cancel").addEventListener("click", () => send("cancel_order", {}));
  at("orders-finish").addEventListener("click", () =>
    send("finish_wrap_up", { note: at("orders-note").value }));
  at("orders-close").addEventListener("click", () => dialog.close());
  at("orders-what").addEventListener("change", () => draw());
  root.addEventListener("click", ({ target }) => {
    const button = target.closest?.("[data-part='seat-open']");
    if (button) open(button.closest("[data-seat]").dataset.seat);
  });

  function draw() {
    if (!dialog.open) return;
    const shown = seat();
    if (!shown) {
      dialog.close();
      return;
    }
    skills(id, shown);
    setText(at("orders-title"), t("orders.open", { name: shown.name }));
    setText(at("orders-state"), t("orders.now_state", { state: stateText(t, shown) }));
    setAttributes(at("orders-state"), { "data-state": shown.state });
    const { order } = shown;
    const key = order?.done ? "orders.done" : "orders.waiting";
    setText(at("orders-waiting"), order === null ? t("orders.none") :
      orderText(t, key, order, { time: f.time(Date.parse(order.at)) }));
    at("orders-cancel").hidden = order === null || order.done;
    const refused = doing.refused("orders");
    const problem = refused === shownAt ? "" : refused ?? "";
    setText(at("orders-problem"), problem);
    at("orders-problem").hidden = problem === "";
    at("orders-wrap-up").hidden = shown.state !== "wrap_up";
    at("orders-reason-field").hidden = at("orders-what").value !== "away";
    at("orders-campaigns-field").hidden = at("orders-what").value !== "work_on";
    const campaigns = shown.may_serve.map((each) => server.state.campaigns[each]).filter(Boolean);
    for (const name of ["orders-campaign", "orders-further"]) {
      reconcile(at(name), campaigns, {
        keyOf: (campaign) => campaign.id,
        create: (campaign) => el("option", { value: campaign.id }),
        update: (option, { name: words }) => setText(option, words),
      });
    }
  }

  redraw.draw(() => { if (server.state) draw(); });
}
