/** Building a filter: groups of conditions, each a field, an operator and a value. */
import { el } from "./dom.js";

const DEEPEST = 3;

/**
 * @param {Element} root
 * @param {{t, fields: object[], definition: object,
 *   onChange: (definition: object) => void}} options
 *   `fields` as the server offers them; `onChange` is told every whole filter.
 */
export function filterBuilder(root, { t, fields, definition, onChange }) {
  const known = new Map(fields.map((field) => [field.name, field]));
  const changed = () => onChange(readGroup(root.firstElementChild, known));
  root.append(groupOf(definition, 1, { t, fields, known, changed }));
  root.addEventListener("input", changed);
  changed();
}

function groupOf(definition, depth, kit) {
  const { t } = kit;
  const every = !("any" in definition);
  const mode = el("select", { "data-part": "mode", "aria-label": t("admin.filter.mode") },
    option("all", t("admin.filter.all"), every), option("any", t("admin.filter.any"), !every));
  const parts = el("div", { class: "filter-parts", "data-part": "parts" });
  const group = el("fieldset", { class: "filter-group", "data-part": "group" },
    el("legend", { class: "visually-hidden" }, t("admin.filter.group")), mode, parts);
  const add = (part) => {
    parts.append(part);
    kit.changed();
    part.querySelector("select")?.focus();
  };
  const tools = el("div", { class: "filter-tools" },
    button(t("admin.filter.add"), "filter-add", () => add(conditionOf(null, kit))));
  if (depth < DEEPEST) {
    tools.append(button(t("admin.filter.add_group"), "filter-add-group",
      () => add(groupOf({ any: [] }, depth + 1, kit))));
  }
  if (depth > 1) tools.append(button(t("admin.filter.remove_group"), "filter-remove-group", () => {
    group.remove(); kit.changed();
  }));
  group.append(tools);
  for (const each of definition[every ? "all" : "any"] ?? []) {
    parts.append("field" in each ? conditionOf(each, kit) : groupOf(each, depth + 1, kit));
  }
  return group;
}

function conditionOf(said, { t, fields, known, changed }) {
  const chosen = known.get(said?.field) ?? fields[0];
  const row = el("div", {
    class: "filter-condition", "data-part": "condition", "data-testid": "filter-condition",
  });
  const field = el("select", { "data-part": "field", "aria-label": t("admin.filter.field") },
    ...fields.map((each) => option(each.name, each.label, each === chosen)));
  const rest = el("span", { class: "filter-rest", "data-part": "rest" });
  // Before the event comes to the root, which reads what is there.
  field.addEventListener("input", () => {
    rest.replaceChildren(...editors(known.get(field.value), null, t));
  });
  rest.append(...editors(chosen, said, t));
  const remove = button(t("admin.filter.remove"), "filter-remove", () => {
    row.remove();
    changed();
  });
  row.append(field, rest, remove);
  return row;
}

function editors(field, said, t) {
  const name = t("admin.filter.value");
  const op = el("select", { "data-part": "op", "aria-label": t("admin.filter.op") },
    ...field.ops.map((each) => option(each.value, each.label, each.value === said?.op)));
  if (field.kind === "flag") {
    op.hidden = true;
    return [op, el("select", { "data-part": "value", "aria-label": name },
      option("yes", t("admin.filter.yes"), said?.value !== false),
      option("no", t("admin.filter.no"), said?.value === false))];
  }
  if (field.kind === "number") {
    const value = el("input", {
      "data-part": "value", type: "number", min: 0, step: 1, class: "short", "aria-label": name,
      value: String(said?.value ?? 1),
    });
    return [value, op];
  }
  const values = new Set((said?.value ?? []).map(String));
  const column = field.kind !== "column" ? [] : [el("input", {
    "data-part": "column", list: "filter-columns", autocomplete: "off",
    "aria-label": t("admin.filter.column"), placeholder: t("admin.filter.column"),
    value: said?.column ?? "",
  })];
  if (field.options.length > 0) {
    const boxes = field.options.map((each) => el("label", {}, el("input", {
      type: "checkbox", value: each.value, checked: values.has(String(each.value)) ? "" : null,
    }), ` ${each.label}`));
    const few = el("fieldset", { class: "filter-options", "data-part": "options" },
      el("legend", { class: "visually-hidden" }, field.label), ...boxes);
    return [few, op];
  }
  return [...column, el("input", {
    "data-part": "value", autocomplete: "off", "aria-label": name,
    placeholder: t("admin.filter.values"), value: [...values].join("、"),
  }), op];
}

/** The filter a group's elements say; conditions without a value are left out. */
function readGroup(group, known) {
  const parts = [...group.querySelector(':scope > [data-part="parts"]').children]
    .map((part) => (part.dataset.part === "group" ? readGroup : readCondition)(part, known))
    .filter((part) => part !== null);
  return { [group.querySelector(':scope > [data-part="mode"]').value]: parts };
}

function readCondition(row, known) {
  const find = (name) => row.querySelector(`[data-part="${name}"]`);
  const field = known.get(find("field").value);
  const said = { field: field.name, op: find("op").value };
  if (field.kind === "flag") return { ...said, value: find("value").value === "yes" };
  if (field.kind === "number") {
    const value = Number.parseInt(find("value").value, 10);
    return Number.isFinite(value) && value >= 0 ? { ...said, value } : null;
  }
  const options = find("options");
  const words = options === null
    ? find("value").value.split(/[、,，]/).map((word) => word.trim()).filter((word) => word !== "")
    : [...options.querySelectorAll("input:checked")].map((box) => box.value);
  if (words.length === 0) return null;
  const value = field.kind === "ids" ? words.map(Number) : words;
  if (field.kind !== "column") return { ...said, value };
  const column = find("column").value.trim();
  return column === "" ? null : { ...said, value, column };
}

function option(value, label, selected) {
  return el("option", { value, selected: selected ? "" : null }, label);
}

function button(label, testid, pressed) {
  const kind = { type: "button", class: "button button-small", "data-testid": testid };
  const made = el("button", kind, label);
  made.addEventListener("click", pressed);
  return made;
}
