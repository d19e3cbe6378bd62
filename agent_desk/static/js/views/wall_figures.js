/** The figures of a screen on the wall: one large block for all, one card per campaign. */
import {
  budgetState, campaignsInOrder, onPage, pagesOf, percent, seatFigures,
} from "../core/wallboard.js";
import { timer } from "../core/format.js";
import { el, part, reconcile, setAttributes, setText } from "./dom.js";

const SEATS = ["talking", "available", "wrap_up", "away"];
const CALLS = ["dialing", "waiting", "longest"];
const QUALITY = ["answered", "abandoned"];
const TODAY = ["contact", "valid", "promises"];

export function wallFigures({ root, server, local, clock, redraw, t, f }) {
  const all = part(root, "all");
  all.append(...figures([...SEATS, ...CALLS, ...QUALITY, ...TODAY, "alerts"]));

  function figures(names) {
    return names.map((name) => el("div", {
      class: "wall-figure", "data-figure": name, "data-testid": `wall-${name}`,
    },
      el("span", { class: "wall-label" }, t(`wall.${name}`)),
      el("b", { class: "wall-value" }), el("span", { class: "wall-note" })));
  }

  function create() {
    return el("article", { class: "wall-card", "data-testid": "wall-campaign" },
      el("h3", {}, el("span", { "data-part": "title" }), el("span", { "data-part": "running" })),
      ...figures([...SEATS, ...CALLS, ...QUALITY, ...TODAY]));
  }

  function put(block, name, value, { note = "", state = null } = {}) {
    const figure = block.querySelector(`[data-figure="${name}"]`);
    setText(figure.querySelector(".wall-value"), value);
    setText(figure.querySelector(".wall-note"), note);
    setAttributes(figure, { "data-state": state });
  }

  function fill(block, row) {
    for (const [name, count] of Object.entries(seatFigures(row.seats))) {
      put(block, name, f.count(count));
    }
    put(block, "dialing", f.count(row.dialing));
    put(block, "waiting", f.count(row.waiting), { state: row.waiting ? "warn" : null });
    const since = row.waiting_since ? Date.parse(row.waiting_since) : null;
    put(block, "longest", since === null ? t("wall.none") : timer((clock.now() - since) / 1000),
      { state: since === null ? null : "warn" });
    const { attempts, live } = row.answered;
    const rate = percent(live, attempts);
    put(block, "answered", rate === null ? t("wall.none") : t("wall.percent", { n: rate }));
    const lost = percent(row.abandoned.abandoned, row.abandoned.live);
    const state = budgetState(row.abandoned);
    put(block, "abandoned", lost === null ? t("wall.none") : t("wall.percent", { n: lost }), {
      note: state === "none" ? "" :
        t(`wall.budget.${state}`, { n: (100 * row.abandoned.target).toFixed(1) }),
      state: { over: "bad", within: "good" }[state] ?? null,
    });
    for (const code of TODAY) put(block, code, f.count(row.today[code]));
  }

  function draw() {
    if (!server.state) return;
    const { all: whole, campaigns } = server.state;
    fill(all, whole.all);
    const { alerts } = whole.all;
    put(all, "alerts", f.count(alerts), { state: alerts ? "bad" : null });
    const rows = campaignsInOrder(campaigns);
    const pages = pagesOf(rows.length);
    const page = local.state.page % pages;
    reconcile(part(root, "campaigns"), onPage(rows, page), {
      keyOf: ({ id }) => id,
      create,
      update: (card, row) => {
        setText(part(card, "title"), row.name);
        setText(part(card, "running"), t(`running.${row.running}`));
        setAttributes(card, { "data-running": row.running });
        fill(card, row);
      },
    });
    setAttributes(part(root, "campaigns"), { "data-count": Math.min(rows.length, 4) });
    setText(part(root, "pages"), pages > 1 ? t("wall.page", { page: page + 1, pages }) : "");
    part(root, "pause").hidden = pages < 2;
  }

  redraw.draw(draw);
  redraw.tick(draw); // how long somebody waits
}
