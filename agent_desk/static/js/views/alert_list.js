/** The alerts that stand in this lead's scope, each with a button to say that one knows of it. */
import { begun, inOrder, MOST_SHOWN, unknown } from "../core/alerts.js";
import { timer } from "../core/format.js";
import { el, part, reconcile, setAttributes, setText } from "./dom.js";

export function alertList({ root, server, clock, redraw, t, doing, maySteer }) {
  const at = (name) => part(root, name);
  const nameOf = ({ seat }) => server.state.seats[seat]?.name ?? seat;

  function kindText({ kind, what }) {
    if (kind === "state") return t("alert.state", { state: t(`state.${what}`) });
    return t(`alert.kind.${kind}`);
  }

  const create = (alert) => el("li", {
    class: "alert-row", "data-testid": "alert", "data-level": alert.level, "data-kind": alert.kind,
    "data-seat": alert.seat,
  },
    el("span", { class: "badge", "data-part": "level" }, t(`alert.level.${alert.level}`)),
    el("b", { "data-part": "name" }), el("span", { class: "alert-kind", "data-part": "kind" }),
    el("span", { class: "alert-time", "data-part": "time" }),
    el("span", { class: "alert-known", "data-part": "known", hidden: "" }),
    maySteer ? el("button", {
      type: "button", class: "button button-small", "data-part": "know",
      "data-testid": "alert-know",
    }, t("alert.acknowledge")) : null);

  function update(row, alert) {
    setAttributes(row, { "data-known": String(alert.by !== null) });
    setText(part(row, "name"), nameOf(alert));
    setText(part(row, "kind"), kindText(alert));
    setText(part(row, "known"), alert.by ? t("alert.known_by", { name: alert.by_name }) : "");
    part(row, "known").hidden = alert.by === null;
    const button = part(row, "know");
    if (!button) return;
    button.hidden = alert.by !== null;
    setAttributes(button, { "data-alert": alert.id, "aria-label":
      t("alert.acknowledge_one", { name: nameOf(alert), what: kindText(alert) }) });
    button.disabled = doing.under(alert.id) !== null;
  }

  function drawTimes() {
    for (const row of at("alert-rows").children) {
      const alert = server.state?.alerts[row.dataset.key];
      if (alert) setText(part(row, "time"), timer(clock.secondsSince(alert.since)));
    }
  }

  at("alert-rows").addEventListener("click", ({ target }) => {
    const id = target.closest("[data-alert]")?.dataset.alert;
    if (id) doing.run(id, "acknowledge", [["acknowledge_alert", { alert: id }]]);
  });
  doing.addEventListener("change", () => redraw.soon());
  server.addEventListener("change", ({ detail: { before, after } }) => {
    // A page slow for a second is worth a row, not an interruption.
    const news = begun(before?.alerts, after.alerts).filter(({ level }) => level === "urgent");
    if (news.length === 0) return;
    const [first] = news;
    setText(at("say-politely"), news.length === 1
      ? t("alert.said", { name: nameOf(first), what: kindText(first) })
      : t("alert.said_many", { n: news.length }));
  });

  redraw.draw(() => {
    if (!server.state) return;
    const alerts = inOrder(server.state.alerts);
    at("no-alerts").hidden = alerts.length > 0;
    setText(at("alerts-count"), t("alert.count", { n: unknown(server.state.alerts).length }));
    reconcile(at("alert-rows"), alerts.slice(0, MOST_SHOWN), {
      keyOf: ({ id }) => id, create, update,
    });
    const more = alerts.length - MOST_SHOWN;
    at("alerts-more").hidden = more <= 0;
    setText(at("alerts-more"), more > 0 ? t("alert.more", { n: more }) : "");
    drawTimes();
  });
  redraw.tick(drawTimes);
}
