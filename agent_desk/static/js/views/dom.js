/** The few strokes all views draw with. Text goes in as text, never as markup. */

const SVG = "http://www.w3.org/2000/svg";

/** The element of a view marked `data-part="name"`. */
export function part(root, name) {
  return root.querySelector(`[data-part="${name}"]`);
}

/** An element with attributes (`class`, `data-…`, `aria-…`; false and null are left out). */
export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  setAttributes(element, attributes);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Set, change or (with false and null) remove attributes; untouched where equal. */
export function setAttributes(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) element.removeAttribute(name);
    else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
  }
}

/** Change a text only if it differs, so that screen readers and selections are left in peace. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** An element of a picture. */
export function svg(name, attributes = {}) {
  const element = document.createElementNS(SVG, name);
  setAttributes(element, attributes);
  return element;
}

/** An icon of `templates/_icons.html`. */
export function icon(name) {
  const picture = svg("svg", { "class": "icon", "aria-hidden": "true" });
  picture.append(svg("use", { href: `#icon-${name}` }));
  return picture;
}

/** Show another icon in an element that holds one. */
export function setIcon(picture, name) {
  const use = picture.querySelector("use");
  if (use.getAttribute("href") !== `#icon-${name}`) use.setAttribute("href", `#icon-${name}`);
}

/**
 * Make the children of `parent` agree with `rows`, keeping the elements of rows that stay.
 * @param {(row: object) => string} keyOf
 * @param {(row: object) => Element} create
 * @param {(element: Element, row: object) => void} update called for new and old elements
 */
export function reconcile(parent, rows, { keyOf, create, update }) {
  const old = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  const keys = rows.map((row) => String(keyOf(row)));
  const staying = new Set(keys);
  for (const [key, child] of old) if (!staying.has(key)) child.remove();
  let place = parent.firstElementChild;
  rows.forEach((row, index) => {
    const element = old.get(keys[index]) ?? create(row);
    if (element.dataset.key !== keys[index]) element.dataset.key = keys[index];
    update(element, row);
    // one row that moved down must not make all rows below it move up one by one
    if (place && place !== element && place.nextElementSibling === element) {
      const late = place;
      place = element;
      parent.append(late);
    }
    if (element === place) place = place.nextElementSibling;
    else parent.insertBefore(element, place);
  });
}
