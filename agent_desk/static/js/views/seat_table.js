/**
 * The seats as a table a lead orders by several columns.
 *
 * A thousand rows, four updates a second: only a row whose seat is another object is drawn, and
 * only what is in sight ticks. So that the browser passes over the rows out of sight, they are no
 * rows to its own layout of tables (`content-visibility` works on none), and their roles are said.
 *
 * While somebody points at a row, or is at one by keyboard, rows stay where they are; what belongs
 * there no more is dimmed until they leave.
 */
import { held, pressed, sorted } from "../core/floor_table.js";
import { el, part, reconcile, setAttributes, setText } from "./dom.js";
import { ACTIONS, seatColumns } from "./seat_columns.js";

const STEPS = { ArrowUp: "previousElementSibling", ArrowDown: "nextElementSibling" };

export function seatTable({ root, layout, filters, look, ...view }) {
  const { server, redraw, clock, t } = view;
  const table = part(root, "seat-table").querySelector("table");
  const head = table.tHead.rows[0];
  const body = table.tBodies[0];
  const columns = seatColumns(view);
  const rows = new WeakMap(); // by row: its cells, and the seat they show
  const inSight = new Set();
  let shown = { columns: [], labels: "" };
  let order = [];
  let asked = null; // by what the order came about that is held
  let pointed = false;

  body.addEventListener("pointerenter", () => { pointed = true; });
  for (const [event, leave] of [["pointerleave", true], ["focusout", false]]) {
    body.addEventListener(event, () => {
      if (leave) pointed = false;
      redraw.soon();
    });
  }
  head.addEventListener("click", (event) => press(event, event.shiftKey));
  head.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.shiftKey) return;
    event.preventDefault(); // or it would be pressed once more, in some browsers without Shift
    press(event, true);
  });
  body.addEventListener("click", ({ target }) => {
    if (target.closest("button") || !getSelection().isCollapsed) return;
    part(target.closest("tr"), "seat-open")?.click();
  });
  body.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    const row = event.target.closest("tr");
    if (!step || !row?.[step] || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault(); // the focus goes to the row, and the table after it
    twin(event.target, row[step])?.focus();
  });
  body.addEventListener("contentvisibilityautostatechange", ({ target, skipped }) => {
    if (skipped) {
      inSight.delete(target);
    } else {
      inSight.add(target);
      tick(target);
    }
  }, true);

  function press({ target }, further) {
    const by = target.closest("[data-sort]")?.dataset.sort;
    if (by) look.set({ sort: pressed(look.state.sort, by, further) });
  }

  /** The same control of another row; where it has none, what opens its seat. */
  function twin(control, row) {
    const { part: name, mode } = control.dataset;
    const same = mode ? `[data-mode="${mode}"]` : `[data-part="${name}"]`;
    return row.querySelector(`button${same}`) ?? part(row, "seat-open");
  }

  const isHeld = () => pointed || body.querySelector(":focus-visible") !== null;

  // --- headings --------------------------------------------------------------------------------

  function drawColumns() {
    const all = columns.all();
    const labels = all.map(columns.label).join("\n");
    if (labels === shown.labels && String(all) === String(shown.columns)) return;
    shown = { columns: all, labels };
    order = []; // rows are made anew: their cells stand in another order
    body.replaceChildren();
    const widths = all.map((column) => `${columns.width(column)}rem`);
    table.style.setProperty("--columns", widths.join(" "));
    head.replaceChildren(...all.map(heading));
  }

  function heading(column) {
    const label = columns.label(column);
    return el("th", {
      scope: "col", role: "columnheader", class: columns.isNumber(column) ? "number" : null,
    }, column === ACTIONS ? el("span", { class: "heading" }, label) : el("button", {
      type: "button", class: "sort-button", "data-sort": column, "data-testid": `sort-${column}`,
    }, el("span", {}, label), el("b", { "aria-hidden": "true" }),
    el("span", { class: "visually-hidden" })));
  }

  /** `aria-sort` is for one column alone: the further keys are said in words. */
  function drawSort(keys) {
    for (const cell of head.children) {
      const button = cell.querySelector("button");
      if (!button) continue;
      const nth = keys.findIndex(({ by }) => by === button.dataset.sort);
      const down = nth >= 0 && keys[nth].down;
      const way = down ? "descending" : "ascending";
      setAttributes(cell, { "aria-sort": nth === 0 ? way : "none" });
      setAttributes(button, { "data-sorted": nth >= 0 ? "true" : null });
      setText(button.children[1], nth < 0 ? "" : `${down ? "▼" : "▲"}${nth + 1}`);
      setText(button.children[2], nth < 1 ? ""
        : t(`floor.table.further.${way}`, { n: nth + 1 }));
    }
  }

  // --- rows ------------------------------------------------------------------------------------

  function create(id) {
    const seat = server.state.seats[id];
    const cells = columns.cells(shown.columns, seat);
    const row = el("tr", {
      role: "row", class: "seat-row", "data-testid": "seat-row", "data-seat": id,
    }, ...cells.values());
    rows.set(row, { cells, seat: null });
    return row;
  }

  function update(row, id) {
    const known = rows.get(row);
    const seat = server.state.seats[id] ?? known.seat;
    setAttributes(row, { "data-dimmed": filters.shows(id) ? null : "true" });
    if (known.seat === seat) return;
    known.seat = seat;
    setAttributes(row, { "data-state": seat.state });
    columns.draw(known.cells, seat);
  }

  function drawRows(keys) {
    const context = {
      levels: filters.levels(), campaigns: server.state.campaigns, nowMs: clock.now(),
    };
    const wanted = sorted(filters.matching(), keys, context).map(({ id }) => id);
    const now = JSON.stringify([keys, look.state.filters]);
    const holding = now === asked && isHeld();
    asked = now;
    order = holding ? held(order, wanted) : wanted;
    const focused = body.contains(document.activeElement) ? document.activeElement : null;
    reconcile(body, order, { keyOf: (id) => id, create, update });
    // a row that moves loses the focus
    if (focused?.isConnected && document.activeElement !== focused) {
      focused.focus({ preventScroll: true });
    }
    part(root, "table-held").hidden = !holding || String(order) === String(wanted);
  }

  function tick(row) {
    const { cells, seat } = rows.get(row);
    if (row.isConnected) columns.drawTime(cells, seat);
    else inSight.delete(row);
  }

  redraw.draw(() => {
    if (!server.state || !layout.is("table")) return;
    drawColumns();
    const keys = look.state.sort.filter(({ by }) => shown.columns.includes(by));
    drawSort(keys);
    drawRows(keys);
  });
  redraw.tick(() => { for (const row of inSight) tick(row); });
  return { label: (column) => columns.label(column) };
}
