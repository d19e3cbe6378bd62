/**
 * The campaign's own fields of the record. Each is kept as it is left; what is being typed is never
 * overwritten, and one that is missing takes the focus when saving asks for it.
 */
import { offers } from "../core/seat_rules.js";
import { el, part, reconcile, setAttributes, setText } from "./dom.js";

export function recordFields({ root, server, redraw, act }) {
  const section = part(root, "fields-section");
  const list = el("div", { class: "field-list" });
  part(root, "fields").append(list);
  let callId = null;

  const inputOf = (name) =>
    [...list.querySelectorAll("input")].find((input) => input.dataset.name === name);

  function save(input) {
    if (input.value.trim() === input.dataset.saved) return;
    act.saveField(input.dataset.name, input.value.trim());
  }

  act.focusField = (name) => inputOf(name)?.focus();

  function create({ name, editable }) {
    if (!editable) return el("div", {}, el("span", { class: "field-name" }, name), el("span"));
    const input = el("input", {
      type: "text", maxlength: "500", autocomplete: "off", "data-testid": "record-field",
      "data-saved": "",
    });
    input.dataset.name = name;
    input.addEventListener("change", () => save(input));
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.isComposing) save(input);
    });
    return el("label", {}, el("span", { class: "field-name" }, name), input);
  }

  function update(line, { value, editable, required }) {
    const field = line.lastElementChild;
    if (!editable) return setText(field, value);
    setAttributes(line, { "data-required": required ? "true" : null });
    setAttributes(field, { "aria-required": String(required) });
    field.disabled = !offers(server.state, { linkUp: true }).record;
    const untouched = field.value.trim() === field.dataset.saved;
    setAttributes(field, { "data-saved": value });
    if (untouched && field.value !== value) field.value = value;
    return undefined;
  }

  redraw.draw(() => {
    const fields = server.state?.record?.fields ?? [];
    if ((server.state?.call?.id ?? null) !== callId) {
      callId = server.state?.call?.id ?? null;
      list.replaceChildren(); // another customer: nothing of the last one stays typed
    }
    section.hidden = fields.length === 0;
    reconcile(list, fields, {
      keyOf: ({ name, editable }) => `${name} ${editable}`, create, update,
    });
  });
}
