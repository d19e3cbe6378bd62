/** What a page shows of the floor (layout, filters, order), kept and found again. Pure. */
import { NO_FILTERS, readFilters } from "./floor_filters.js";
import { FIRST_SORT, readSort } from "./floor_table.js";

/** The look of a page nobody has touched; `view` is the id of the one that was chosen. */
export const FIRST_LOOK = Object.freeze({ filters: NO_FILTERS, sort: FIRST_SORT, view: null });

/** A look somebody kept, as far as it is understood; of the layout only one of `layouts`. */
export function readLook(kept, layouts) {
  const layout = layouts.includes(kept?.layout) ? { layout: kept.layout } : {};
  return { ...layout, filters: readFilters(kept?.filters), sort: readSort(kept?.sort) };
}

/** Whether two looks show the same. */
export function sameLook(one, other) {
  const sign = ({ layout, filters, sort }) =>
    JSON.stringify([layout, readFilters(filters), readSort(sort)]);
  return sign(one) === sign(other);
}

/**
 * With which look a page begins: the one this tab had, or the view that opens; null for neither.
 * @param {object|null} last what this tab kept; of somebody else's it takes nothing
 */
export function beginning(last, views, { owner, layouts }) {
  if (last?.owner === owner) {
    const view = views.some(({ id }) => id === last.view) ? last.view : null;
    return { ...readLook(last, layouts), view };
  }
  const opens = views.find((view) => view.opens);
  return opens ? { ...readLook(opens, layouts), view: opens.id } : null;
}
