/** Calls somebody answered and no operator hears yet: normally none; how long each has left. */
import { el, icon, part, reconcile, setAttributes, setText } from "./dom.js";

const TICK_MS = 200; // of two seconds that are left, one more a second says nothing

/** @param {{t: Function, clock: object}} view */
export function answeredQueue({ t, clock }) {
  const list = el("ol", { class: "queue-list" });
  const element = el("section", { class: "queue", hidden: "", "data-testid": "answered-queue",
    "aria-label": t("floor.queue.title") }, icon("warning"),
  el("span", { class: "queue-title", "data-part": "queue-title" }), list);
  let shown = [];
  let timer = null;

  function drawTimes() {
    reconcile(list, shown, {
      keyOf: ({ key }) => key,
      create: () => el("li"),
      update: (item, waiting) => {
        const { text, left } = told(waiting);
        setText(item, text);
        const late = left !== null && left <= 0;
        setAttributes(item, { "data-phase": waiting.phase, "data-late": late });
      },
    });
  }

  function told({ since, until, phase }) {
    const now = clock.now() ?? Date.parse(since);
    const seconds = (ms) => (Math.max(0, ms) / 1000).toFixed(1);
    const waited = seconds(now - Date.parse(since));
    if (until === null) return { text: t(`floor.queue.${phase}`, { waited }), left: null };
    const left = Date.parse(until) - now;
    if (left <= 0) return { text: t("floor.queue.late", { waited }), left };
    return { text: t(`floor.queue.${phase}`, { waited, left: seconds(left) }), left };
  }

  return {
    element,
    /** @param {{queue: object[], waiting: number}} campaign */
    draw({ queue }) {
      shown = queue.map((each, place) => ({ ...each, key: `${place} ${each.since}` }));
      element.hidden = queue.length === 0;
      setText(part(element, "queue-title"), t("floor.queue.count", { n: queue.length }));
      drawTimes();
      if (queue.length && timer === null) timer = setInterval(drawTimes, TICK_MS);
      if (!queue.length && timer !== null) {
        clearInterval(timer);
        timer = null;
      }
    },
  };
}
