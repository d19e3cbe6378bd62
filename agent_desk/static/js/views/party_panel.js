/** Who else is in the call, and bringing somebody in: a colleague or a number outside. */
import { offers } from "../core/seat_rules.js";
import { drawer } from "./drawer.js";
import { el, part, reconcile, setAttributes, setText } from "./dom.js";

export function partyPanel({ root, server, local, redraw, t, act }) {
  const at = (name) => part(root, name);
  const list = at("colleagues");
  const number = at("party-number");
  const panel = drawer(at("party-drawer"), {
    opener: at("open-party"), first: () => number, onOpen: () => showColleagues(),
  });
  at("party-close").addEventListener("click", () => panel.close());
  at("party-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const blind = event.submitter?.value === "blind";
    if (number.value.trim() && await act.callNumber(number.value, blind)) done();
  });
  at("party-mode").addEventListener("click", () => act.switchParty());
  at("hand-over").addEventListener("click", () => act.handOver());
  at("drop-party").addEventListener("click", () => act.dropParty());
  at("leave-consult").addEventListener("click", () => act.dropParty());

  function done() {
    number.value = "";
    panel.close();
  }

  const ask = (id, blind) => async () => {
    if (await act.callColleague(id, blind)) done();
  };

  function row({ id }) {
    const button = (blind) => el("button", {
      type: "button", class: `button button-small ${blind ? "" : "button-primary"}`,
      "data-testid": blind ? "transfer-colleague" : "consult-colleague",
    }, t(blind ? "party.transfer" : "party.consult"));
    const [consult, transfer] = [button(false), button(true)];
    consult.addEventListener("click", ask(id, false));
    transfer.addEventListener("click", ask(id, true));
    return el("li", { "data-colleague": id }, el("span", { class: "colleague-name" }),
      el("span", { class: "colleague-state" }), consult, transfer);
  }

  async function showColleagues() {
    const found = await act.findColleagues();
    at("no-colleague").hidden = found.length > 0;
    reconcile(list, found, {
      keyOf: ({ id }) => id,
      create: row,
      update: (line, { name, state, ready }) => {
        const [who, how, consult, transfer] = line.children;
        setText(who, name);
        setText(how, t(`state.${state}`));
        setAttributes(how, { "data-state": state });
        consult.disabled = !ready;
        transfer.disabled = !ready;
      },
    });
  }

  function stateText(party) {
    if (party.handed) return t("party.state.handing");
    return t(`party.state.${party.state === "joined" ? party.mode : party.state}`);
  }

  function drawParty(party) {
    at("party").hidden = !party;
    if (!party) return;
    const joined = party.state === "joined" && !party.handed;
    setText(at("party-name"), party.name);
    setText(at("party-state"), stateText(party));
    setAttributes(at("party"), { "data-state": party.state, "data-mode": party.mode });
    setText(at("party-mode"),
      t(party.mode === "conference" ? "party.back_to_consult" : "party.conference"));
    at("party-mode").disabled = !joined;
    at("hand-over").disabled = !joined;
    at("drop-party").disabled = party.state === "referring";
  }

  redraw.draw(() => {
    const may = offers(server.state, { linkUp: local.state.link === "up" });
    at("open-party").disabled = !may.party;
    if (!may.party) panel.close();
    drawParty(may.hangUp ? server.state?.call?.party : null);
    const consult = server.state?.seat?.consult;
    setText(at("consult-banner-text"), consult ? t("party.consulted", { name: consult.by }) : "");
    at("consult-banner").hidden = !consult;
  });
}
