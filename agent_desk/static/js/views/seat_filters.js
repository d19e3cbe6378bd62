/** Which seats are shown, in every layout: by team, campaign, state, alert, hand and name. */
import {
  alertLevels, countFilters, filterSeats, NO_FILTERS, toggled, withoutGone,
} from "../core/floor_filters.js";
import { el, part, reconcile, setAttributes, setText } from "./dom.js";

/**
 * @returns {{
 *   matching: () => object[], levels: () => Map<string, string>, shows: (id: string) => boolean,
 * }} the seats that pass, how pressing the alerts of each are, and whether one passes
 */
export function seatFilters({ root, server, look, redraw, t, notice }) {
  const at = (name) => part(root, name);
  const chips = [...root.querySelectorAll("[data-filter]")];
  const teams = new Set([...at("filter-team").options].slice(1).map(({ value }) => Number(value)));
  let matching = [];
  let passing = new Set();
  let levels = new Map();

  const change = (some) => look.set({ filters: { ...look.state.filters, ...some } });
  for (const name of ["team", "campaign"]) {
    at(`filter-${name}`).addEventListener("change", ({ target }) =>
      change({ [name]: target.value === "" ? null : Number(target.value) }));
  }
  at("filter-text").addEventListener("input", ({ target }) => change({ text: target.value }));
  for (const chip of chips) {
    const { filter, value } = chip.dataset;
    chip.addEventListener("click", () =>
      look.set({ filters: toggled(look.state.filters, filter, value) }));
  }
  at("filter-clear").addEventListener("click", () => {
    look.set({ filters: NO_FILTERS });
    at("filter-text").focus(); // the button goes
  });

  /** What was asked for and is not there any more is dropped, and that is said. */
  function drop(campaigns) {
    const there = new Set(Object.values(campaigns).map(({ id }) => id));
    const { filters, gone } = withoutGone(look.state.filters, { teams, campaigns: there });
    if (gone.length === 0) return;
    look.set({ filters });
    const names = gone.map((each) => t(`floor.filter.gone.${each}`)).join("・");
    notice.info(t("floor.filter.gone", { names }));
  }

  function drawControls(all) {
    const { filters } = look.state;
    reconcile(at("filter-campaign"), [{ id: "", name: t("floor.all_campaigns") },
      ...Object.values(server.state.campaigns)], {
      keyOf: ({ id }) => id,
      create: ({ id }) => el("option", { value: id }),
      update: (option, { name }) => setText(option, name),
    });
    for (const name of ["team", "campaign"]) {
      at(`filter-${name}`).value = String(filters[name] ?? "");
    }
    if (at("filter-text").value !== filters.text) at("filter-text").value = filters.text;
    for (const chip of chips) {
      const { filter, value } = chip.dataset;
      setAttributes(chip, { "aria-pressed": String(filters[filter].includes(value)) });
    }
    const filtered = countFilters(filters) > 0;
    at("filter-clear").hidden = !filtered;
    setAttributes(at("filter-count"), { "data-filtered": String(filtered) });
    setText(at("filter-count"), t("floor.filter.count", { n: matching.length, m: all.length }));
  }

  function drawNone(all) {
    const empty = matching.length === 0;
    at("no-seats").hidden = !empty;
    const why = all.length ? "floor.none_match" : "floor.no_seats";
    setText(at("no-seats"), empty ? t(why) : "");
  }

  redraw.draw(() => {
    if (!server.state) return;
    drop(server.state.campaigns);
    const all = Object.values(server.state.seats);
    levels = alertLevels(server.state.alerts);
    matching = filterSeats(all, look.state.filters, levels);
    passing = new Set(matching.map(({ id }) => id));
    drawControls(all);
    drawNone(all);
  });
  return { matching: () => matching, levels: () => levels, shows: (id) => passing.has(id) };
}
