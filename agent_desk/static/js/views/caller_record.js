/** What is known about the customer. What is withheld until 本人確認 was never sent here. */
import { businessDate, daysBetween } from "../core/format.js";
import { el, part, setText } from "./dom.js";

const SECTIONS = ["debts", "promises", "notes", "history", "fields"];

export function callerRecord({ root, server, clock, redraw, t, f }) {
  const at = (name) => part(root, name);
  let drawn;

  const statusLabel = (code) =>
    server.state.campaign.statuses.find((status) => status.code === code)?.label ?? code;
  // a call that is still going on, or whose end was lost, has no outcome yet
  const outcomeText = (outcome) => (outcome ? t(`outcome.${outcome}`) : "—");
  const cells = (...texts) => texts.map((text) => el("td", {}, text));
  const heads = (...ids) => el("thead", {}, el("tr", {},
    ...ids.map((id) => el("th", { scope: "col" }, t(id)))));
  const table = (head, rows) =>
    el("table", { class: "record-table" }, head, el("tbody", {}, ...rows));

  const build = {
    debts: (rows) => table(
      heads("record.product", "record.amount", "record.due_on", "record.overdue"),
      rows.map((debt) => el("tr", {},
        ...cells(debt.product, f.yen(debt.amount_yen), debt.due_on ? f.date(debt.due_on) : "—"),
        el("td", { "data-overdue": debt.days_overdue > 0 },
          debt.days_overdue > 0 ? t("record.days_overdue", { n: debt.days_overdue }) : "—")))),
    promises: (rows) => table(
      heads("promise.date", "record.amount", "record.promise_state", "record.made_at"),
      rows.map((promise) => el("tr", {}, ...cells(
        dueText(promise.due_on),
        promise.amount_yen === null ? "—" : f.yen(promise.amount_yen),
        t(`promise_state.${promise.state}`),
        f.dayAndTime(promise.made_at))))),
    fields: (rows) => el("dl", { class: "field-list" }, ...rows.map(({ name, value }) =>
      el("div", {}, el("dt", {}, name), el("dd", {}, value)))),
    notes: (rows) => el("ul", { class: "note-list" }, ...rows.map(({ at: when, by, text }) =>
      el("li", {}, el("span", { class: "note-meta" }, `${f.dayAndTime(when)} ${by}`),
        el("span", { class: "note-text" }, text)))),
    history: (rows) => table(
      heads("record.when", "record.campaign", "record.outcome"),
      rows.map((call) => el("tr", {},
        el("td", { class: "when" }, f.dayAndTime(call.at)),
        el("td", { class: "shortened", title: call.campaign }, call.campaign),
        el("td", {}, [
          ...(call.inbound ? [t("desk.inbound")] : []),
          outcomeText(call.outcome), ...call.codes.map(statusLabel)].join("・"))))),
  };

  function dueText(dueOn) {
    const ahead = daysBetween(businessDate(clock.now()), dueOn);
    return ahead === 0 ? t("record.today_date", { date: f.date(dueOn) }) : f.date(dueOn);
  }

  function drawSections(record) {
    for (const name of SECTIONS) {
      const rows = record?.[name] ?? [];
      at(`${name}-section`).hidden = rows.length === 0;
      at(name).replaceChildren(...(rows.length ? [build[name](rows)] : []));
    }
  }

  redraw.draw(() => {
    const record = server.state?.record ?? null;
    if (record === drawn || !clock.known) return;
    drawn = record;
    at("withheld").hidden = !record || record.debts !== null || record.notes !== null;
    at("record-empty").hidden = record?.known ?? false;
    setText(at("record-empty"), t(record ? "record.stranger" : "record.empty"));
    drawSections(record);
  });
}
