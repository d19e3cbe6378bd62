/** Whether the floor is live, how many seats do what, and which gateways are missing. */
import { countOf, GROUPS } from "../core/floor_order.js";
import { trunkReason, trunksDown } from "../core/trunks.js";
import { el, part, setAttributes, setText } from "./dom.js";

export function floorBar({ root, server, local, clock, redraw, t, f }) {
  const at = (name) => part(root, name);
  let frozenAt = null;

  function drawLink() {
    const { link } = local.state;
    const stale = server.state !== null && link !== "up";
    if (!stale) frozenAt = null;
    else frozenAt ??= local.state.heardAt;
    setAttributes(at("link-state"), { "data-state": link });
    setText(at("link-text"), t(`link.${link}`));
    setAttributes(document.body, { "data-stale": String(stale) });
    const time = stale ? f.exactTime(frozenAt) : "";
    setText(at("stale-banner"), stale ? t("floor.stale_since", { time }) : "");
    at("stale-banner").hidden = !stale;
  }

  function drawGateways(gateways) {
    const down = Object.keys(gateways).filter((id) => !gateways[id].linked);
    const none = Object.keys(gateways).length === 0;
    at("gateway-banner").hidden = !none && down.length === 0;
    setText(at("gateway-banner"), none ? t("floor.no_gateway")
      : down.length ? t("floor.gateway_down", { names: down.join("・") }) : "");
    const trunks = trunksDown(gateways);
    at("trunk-banner").hidden = trunks.length === 0;
    setText(at("trunk-banner"), trunks.map(({ names, reason }) =>
      t("floor.trunk_down", { names: names.join("・"), reason: trunkReason(t, reason) })).join(" "));
  }

  function drawTotals(seats) {
    const shown = GROUPS.filter(({ id }) => id !== "offline");
    at("totals").replaceChildren(...shown.map((group) => el("span", {},
      `${t(`floor.group.${group.id}`)} `, el("strong", {}, String(countOf(group, seats))))));
  }

  redraw.draw(() => {
    drawLink();
    if (!server.state) return;
    drawGateways(server.state.gateways);
    drawTotals(Object.values(server.state.seats));
  });
  redraw.tick(() => setText(at("server-time"), clock.known ? f.time(clock.now()) : ""));
}
