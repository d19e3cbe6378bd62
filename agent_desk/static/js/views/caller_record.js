/** What is known about the customer. What is withheld until 本人確認 was never sent here. */
import { timelineOf } from "../core/timeline.js";
import { el, part, setText } from "./dom.js";

const SECTIONS = ["debts", "timeline"];

export function callerRecord({ root, server, clock, redraw, t, f, act }) {
  const at = (name) => part(root, name);
  let drawn;

  const statusLabel = (code) =>
    server.state.campaign.statuses.find((status) => status.code === code)?.label ?? code;
  // a call that is still going on, or whose end was lost, has no outcome yet
  const outcomeText = (outcome) => (outcome ? t(`outcome.${outcome}`) : "—");
  const cells = (...texts) => texts.map((text) => el("td", {}, text));
  const heads = (...ids) => el("thead", {}, el("tr", {},
    ...ids.map((id) => el("th", { scope: "col" }, t(id)))));

  const debts = (rows) => el("table", { class: "record-table" },
    heads("record.product", "record.amount", "record.due_on", "record.overdue"),
    el("tbody", {}, ...rows.map((debt) => el("tr", {},
      ...cells(debt.product, f.yen(debt.amount_yen), debt.due_on ? f.date(debt.due_on) : "—"),
      el("td", { "data-overdue": debt.days_overdue > 0 },
        debt.days_overdue > 0 ? t("record.days_overdue", { n: debt.days_overdue }) : "—")))));

  function playButton(call) {
    const button = el("button", {
      type: "button", class: "link-button", "data-testid": "play-recording",
      "aria-label": t("timeline.play", { at: f.dayAndTime(call.at) }),
    }, t("recording.play"));
    button.addEventListener("click", () => act.playRecording(call.id, f.dayAndTime(call.at)));
    return button;
  }

  const say = {
    call: (call) => [
      call.inbound ? t("desk.inbound") : "", call.campaign, outcomeText(call.outcome),
      ...call.codes.map(statusLabel),
      call.caller_id === null ? ""
        : t("timeline.shown", { number: call.caller_id || t("desk.number_withheld") }),
      call.recording && !call.playable ? t("timeline.recorded") : "",
    ].filter(Boolean).join("・"),
    promise: ({ due_on: dueOn, amount_yen: yen }) => t("timeline.made", {
      date: f.date(dueOn), amount: yen === null ? "" : f.yen(yen) }),
    promise_end: ({ due_on: dueOn, state }) => t("timeline.ended", {
      date: f.date(dueOn), state: t(`promise_state.${state}`) }),
    note: ({ by, text }) => [by, text].filter(Boolean).join("："),
    message: ({ prompt, version }) => {
      const said = t(`timeline.prompt.${prompt}`);
      return version ? t("timeline.prompt_version", { said, version }) : said;
    },
  };

  const timeline = (rows) => el("ol", { class: "timeline" }, ...rows.map((row) => el("li",
    { "data-kind": row.kind, "data-state": row.state ?? null },
    el("span", { class: "timeline-at" }, f.dayAndTime(row.at)),
    el("span", { class: "timeline-kind" }, t(`timeline.${row.kind}`)),
    el("span", { class: "timeline-text" }, say[row.kind](row),
      row.playable ? playButton(row) : null))));

  const build = { debts, timeline };

  redraw.draw(() => {
    const record = server.state?.record ?? null;
    if (record === drawn || !clock.known) return;
    drawn = record;
    at("withheld").hidden = !record || record.debts !== null || record.notes !== null;
    at("record-empty").hidden = record?.known ?? false;
    setText(at("record-empty"), t(record ? "record.stranger" : "record.empty"));
    const rows = { debts: record?.debts ?? [], timeline: record ? timelineOf(record) : [] };
    for (const name of SECTIONS) {
      at(`${name}-section`).hidden = rows[name].length === 0;
      at(name).replaceChildren(...(rows[name].length ? [build[name](rows[name])] : []));
    }
  });
}
