/** Writing to one operator, a team, a campaign or all in scope; who has acknowledged; hands. */
import {
  choiceOf, newestFirst, receiptsInOrder, receiptState,
} from "../core/message_receipts.js";
import { el, part, reconcile, setAttributes, setText } from "./dom.js";

export function messageDialog({ root, server, redraw, commands, doing, maySteer, t, f }) {
  const at = (name) => part(root, name);
  const dialog = at("message-dialog");
  const text = at("message-text");
  const take = at("take-hand");
  const shown = new Map(); // receipts by message, and for which counts they were fetched
  let seat = null;

  function open(id) {
    seat = id;
    const { name, hand } = server.state.seats[id] ?? {};
    setText(at("message-title"), id === null ? t("floor.message.title") :
      t("floor.message.to", { name }));
    at("message-to-field").hidden = id !== null;
    take.hidden = !hand;
    if (hand) setText(take, t("floor.take_hand", { reason: t(`help.reason.${hand.reason}`) }));
    text.value = "";
    dialog.showModal();
    draw();
    text.focus();
  }

  at("message-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!text.value.trim()) return;
    const whom = seat === null ? choiceOf(at("message-to").value) : { seat };
    const sent = { text: text.value, ...whom };
    if (await doing.run("message", "send", [["send_message", sent]])) {
      if (seat === null) text.value = ""; // the list below says how it fares
      else dialog.close();
    }
  });
  take.addEventListener("click", async () => {
    if (await doing.run("message", "take", [["take_hand", { seat }]])) dialog.close();
  });
  at("message-close").addEventListener("click", () => dialog.close());
  const all = at("message-all");
  all.hidden = !maySteer;
  all.addEventListener("click", () => open(null));
  root.addEventListener("click", ({ target }) => {
    const button = target.closest?.("[data-part='message']");
    if (button) open(button.closest("[data-seat]").dataset.seat);
  });

  function create({ id }) {
    const remind = el("button", {
      type: "button", class: "button button-small", "data-part": "remind",
      "data-testid": "message-remind",
    }, t("floor.message.remind"));
    remind.addEventListener("click", () =>
      doing.run("message", "remind", [["remind_message", { message_id: id }]]));
    const details = el("details", { "data-testid": "message-receipts" },
      el("summary", {}, t("floor.message.receipts")), el("ul", { class: "receipts" }));
    details.addEventListener("toggle", () => redraw.soon());
    return el("li", { class: "sent-message", "data-testid": "sent-message" },
      el("p", { class: "sent-head", "data-part": "head" }),
      el("p", { class: "sent-text", "data-part": "text" }),
      el("div", { class: "sent-row" }, el("span", { class: "sent-count", "data-part": "count",
        "data-testid": "message-count" }), remind), details);
  }

  function update(line, message) {
    const { acknowledged, recipients } = message;
    const time = f.time(Date.parse(message.at));
    const head = { time, by: message.by, to: whom(message) };
    setText(part(line, "head"), t("floor.message.head", head));
    setText(part(line, "text"), message.text);
    setText(part(line, "count"), t("floor.message.count", { acknowledged, recipients }));
    setAttributes(line, { "data-all": String(acknowledged === recipients) });
    part(line, "remind").hidden = acknowledged === recipients;
    const details = line.querySelector("details");
    if (details.open) receipts(details.querySelector("ul"), message);
  }

  function whom({ scope, scope_id: id, whom: name }) {
    if (scope === "seat") return t("floor.message.scope.seat", { name });
    if (scope === "campaign") {
      const campaign = server.state.campaigns[id]?.name ?? "";
      return t("floor.message.scope.campaign", { name: campaign });
    }
    const option = at("message-to").querySelector(`option[value="team_id:${id}"]`);
    return scope === "team" && option ? option.textContent : t("floor.message.scope.all");
  }

  /** Asked for anew when the counts moved; what was known is shown meanwhile. */
  function receipts(list, message) {
    const { id, acknowledged, delivered } = message;
    const known = shown.get(id) ?? { rows: [], of: "" };
    shown.set(id, known);
    const of = `${acknowledged}/${delivered}`;
    if (known.of !== of) {
      known.of = of;
      commands.send("find_receipts", { message_id: id })
        .then((answer) => { known.rows = answer.receipts; redraw.soon(); })
        .catch(() => { known.of = ""; });
    }
    reconcile(list, receiptsInOrder(known.rows), {
      keyOf: ({ name }) => name,
      create: () => el("li", {}, el("span"), el("span")),
      update: (row, one) => {
        const state = receiptState(one);
        const time = one.acknowledged_at ? f.time(Date.parse(one.acknowledged_at)) : "";
        setText(row.children[0], one.name);
        setText(row.children[1], t(`floor.message.receipt.${state}`, { time }));
        setAttributes(row.children[1], { "data-state": state });
      },
    });
  }

  function drawChoices() {
    const choices = at("message-to");
    const known = new Set([...choices.options].map(({ value }) => value));
    for (const { id, name } of Object.values(server.state.campaigns)) {
      const value = `campaign_id:${id}`;
      if (!known.has(value)) {
        choices.append(el("option", { value }, t("floor.message.scope.campaign", { name })));
      }
    }
  }

  function draw() {
    if (!server.state || !dialog.open) return;
    drawChoices();
    const messages = newestFirst(server.state.messages ?? {});
    at("sent-none").hidden = messages.length > 0;
    reconcile(at("sent-messages"), messages, { keyOf: ({ id }) => id, create, update });
  }

  redraw.draw(draw);
}
