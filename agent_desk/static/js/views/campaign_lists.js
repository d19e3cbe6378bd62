/** How far the lists of a campaign have come: all of them in a line, each in a row. */
import { shares, together } from "../core/list_progress.js";
import { el, part, reconcile, setAttributes, setText } from "./dom.js";

const COUNTS = ["entries", "tried", "finished", "dialable"];
const percent = (share) => (share * 100).toFixed(0);

/** @param {{t: Function, f: object}} view */
export function campaignLists({ t, f }) {
  const body = el("tbody");
  const head = ["name", "progress", ...COUNTS, "next_due"];
  const table = el("table", { class: "table table-small list-table" },
    el("thead", {}, el("tr", {}, ...head.map((name) =>
      el("th", { scope: "col", title: titleOf(name) }, t(`floor.list.${name}`))))), body);
  const element = el("details", { class: "panel-part lists", "data-testid": "campaign-lists" },
    el("summary", {}, el("span", { class: "part-name" }, t("floor.list.title")),
      bar(), el("span", { class: "part-words", "data-part": "lists-words" })),
    el("div", { class: "list-scroll", tabindex: "0", role: "region",
      "aria-label": t("floor.list.title") }, table));

  function titleOf(name) {
    const id = `floor.list.about.${name}`;
    return t.has(id) ? t(id) : null;
  }

  function create() {
    return el("tr", {}, el("th", { scope: "row" },
      el("span", { class: "list-name", "data-part": "name" }),
      el("span", { class: "badge", "data-part": "paused" }, t("floor.list.paused"))),
    el("td", { class: "list-progress" }, bar(), el("span", { "data-part": "share" })),
    ...COUNTS.map((name) => el("td", { class: "number", "data-part": name })),
    el("td", { "data-part": "next_due" }));
  }

  function update(row, list) {
    setText(part(row, "name"), list.name);
    setAttributes(part(row, "name"), { title: list.name });
    part(row, "paused").hidden = !list.paused;
    drawBar(row, list);
    const share = shares(list);
    setText(part(row, "share"), share === null ? t("floor.none_yet")
      : t("format.percent", { percent: percent(share.finished) }));
    for (const name of COUNTS) setText(part(row, name), f.count(list[name]));
    setText(part(row, "next_due"), nextText(list));
  }

  function nextText({ dialable, next_due_at: at }) {
    if (dialable > 0) return t("floor.due_now");
    return at ? f.dayAndTime(at) : t("floor.none_yet");
  }

  return {
    element,
    /** @param {object[]} lists in the order of their rank */
    draw(lists) {
      const all = together(lists);
      drawBar(part(element, "lists-words").parentElement, all);
      const share = shares(all);
      setText(part(element, "lists-words"), lists.length === 0 ? t("floor.list.none")
        : t("floor.list.all", { n: f.count(lists.length), entries: f.count(all.entries),
          tried: f.count(all.tried), finished: f.count(all.finished),
          percent: percent(share?.finished ?? 0) }));
      reconcile(body, lists, { keyOf: ({ id }) => id, create, update });
    },
  };
}

function bar() {
  return el("span", { class: "progress-bar", "data-part": "bar", "aria-hidden": "true" },
    el("span", { class: "progress-finished" }), el("span", { class: "progress-tried" }));
}

function drawBar(root, counts) {
  const { finished, tried } = shares(counts) ?? { finished: 0, tried: 0 };
  const { style } = part(root, "bar");
  style.setProperty("--finished", `${finished * 100}%`);
  style.setProperty("--tried", `${tried * 100}%`);
}
