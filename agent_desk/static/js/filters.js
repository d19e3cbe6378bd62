/** `/admin/filters` and `/admin/valid-calls`: building a filter, and how many it finds. */
import { pageData } from "./page_data.js";
import { countFilter } from "./link/filter_counts.js";
import { filterBuilder } from "./views/filter_builder.js";
import { part, setText } from "./views/dom.js";

const SETTLED_MS = 300;
const { t, csrf, locale } = pageData();
const number = new Intl.NumberFormat(locale);

async function show(definition, place) {
  try {
    const { customers, exact } = await countFilter(definition, { csrf });
    const id = exact ? "admin.filter.count" : "admin.filter.about";
    setText(place, t(id, { count: number.format(customers) }));
  } catch {
    setText(place, t("admin.filter.no_count"));
  }
}

const form = part(document, "filter-form");
if (form !== null) {
  const field = part(form, "definition");
  const place = part(form, "count");
  let timer = null;
  let newest = 0;
  const changed = (definition) => {
    field.value = JSON.stringify(definition);
    clearTimeout(timer);
    const mine = ++newest;
    timer = setTimeout(async () => {
      const count = document.createElement("span");
      await show(definition, count);
      if (mine === newest) setText(place, count.textContent); // an older answer comes too late
    }, SETTLED_MS);
  };
  const fields = JSON.parse(document.getElementById("filter-fields").textContent);
  filterBuilder(part(form, "builder"), {
    t, fields, definition: JSON.parse(field.value), onChange: changed,
  });
}

for (const place of document.querySelectorAll('[data-part="filter-count"]')) {
  await show(JSON.parse(place.dataset.definition), place);
}
