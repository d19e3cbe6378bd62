/** Who changed what of a campaign lately, from the audit trail: old → new. */
import { businessDate } from "../core/format.js";
import { el, part, reconcile, setText } from "./dom.js";

const WORDS = { mode: "mode", running: "running", screening: "screening" };

/** @param {{t: Function, f: object, clock: object}} view */
export function campaignChanges({ t, f, clock }) {
  const list = el("ol", { class: "change-list" });
  const element = el("details", { class: "panel-part changes", "data-testid": "campaign-changes" },
    el("summary", {}, el("span", { class: "part-name" }, t("floor.changes.title")),
      el("span", { class: "part-words", "data-part": "newest", "data-testid": "newest-change" })),
    list);

  function valueText(name, value) {
    if (value === null || value === undefined) return t("floor.changes.unknown");
    if (name in WORDS) return t(`${WORDS[name]}.${value}`);
    if (name === "target") return t("format.percent", { percent: (value * 100).toFixed(1) });
    return name === "ratio" ? t("floor.changes.times", { n: value.toFixed(1) }) : String(value);
  }

  function whatText({ action, values }) {
    if (values.length === 0) return t(`audit.${action.replaceAll(".", ":")}`);
    return values.map(([name, before, after]) => t("floor.changes.value", {
      what: t(`floor.changes.${name}`), before: valueText(name, before),
      after: valueText(name, after) }))
      .reduce((first, second) => t("floor.changes.both", { first, second }));
  }

  function told(change) {
    const { at, by } = change;
    const today = clock.known && businessDate(Date.parse(at)) === businessDate(clock.now());
    return t("floor.changes.line", { time: today ? f.time(at) : f.dayAndTime(at),
      by: whoText(by), what: whatText(change) });
  }

  /** Not everybody is a person: plans start campaigns, and the demo made its own settings. */
  function whoText(by) {
    if (by === "schedule") return t("floor.schedule");
    return t.has(`trail.actor.${by}`) ? t(`trail.actor.${by}`) : by;
  }

  return {
    element,
    /** @param {object[]} changes newest first */
    draw(changes) {
      setText(part(element, "newest"), changes.length ? told(changes[0]) : t("floor.changes.none"));
      reconcile(list, changes.map((change, place) => ({ change, place })), {
        keyOf: ({ place }) => place,
        create: () => el("li"),
        update: (item, { change }) => setText(item, told(change)),
      });
    },
  };
}
