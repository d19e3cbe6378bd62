/** Trunks no gateway can use, and why: the gateways say it in words of SIP. */

const NAME_NOT_FOUND = "name not found: ";
const UNKNOWN = ["", "not started"];

/**
 * @param {Object<string, {linked: boolean, trunks_up: string[], trunks_down: Object}>} gateways
 * @returns {{names: string[], reason: string}[]} trunks no linked gateway can use, by reason
 */
export function trunksDown(gateways) {
  const linked = Object.values(gateways).filter((gateway) => gateway.linked);
  const up = new Set(linked.flatMap(({ trunks_up: names }) => names));
  const reasons = new Map(linked.flatMap(({ trunks_down: down }) => Object.entries(down ?? {})));
  const shown = new Map();
  for (const [name, reason] of reasons) {
    if (!up.has(name)) shown.set(reason, [...shown.get(reason) ?? [], name]);
  }
  return [...shown].map(([reason, names]) => ({ names: names.sort(), reason }));
}

/** The reason as people read it; what only a carrier's technician understands stays as it is. */
export function trunkReason(t, reason) {
  if (UNKNOWN.includes(reason)) return t("floor.trunk.unknown");
  if (reason === "spend_cap") return t("floor.trunk.spend_cap");
  if (!reason.startsWith(NAME_NOT_FOUND)) return reason;
  return t("floor.trunk.name_not_found", { host: reason.slice(NAME_NOT_FOUND.length) });
}
