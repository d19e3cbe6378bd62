/** What a lead ordered for a seat, in words; pure. */

/** The thing ordered: 離席（研修）, 待機, … */
export function orderName(t, { what, reason, campaigns }) {
  if (what === "away") return t("orders.away_for", { reason: t(`away.${reason ?? "other"}`) });
  if (what === "work_on") return t("orders.to", { names: campaigns.join("・") });
  return t(`orders.short.${what}`);
}

/** A sentence about it, with the lead's own words when there are any. */
export function orderText(t, key, order, params = {}) {
  const text = t(key, { what: orderName(t, order), by: order.by, ...params });
  return order.note ? t("orders.said", { text, note: order.note }) : text;
}
