/** How far a message to operators has come; pure. */

/** `acknowledged`, `delivered` (on their page), `waiting` (at a seat, page gone) or `absent`. */
export function receiptState({ acknowledged_at, delivered_at, here }) {
  if (acknowledged_at) return "acknowledged";
  if (!here) return "absent";
  return delivered_at ? "delivered" : "waiting";
}

const ORDER = { delivered: 0, waiting: 1, absent: 2, acknowledged: 3 };

/** Those first who still have to be asked. */
export function receiptsInOrder(receipts) {
  const rank = (receipt) => ORDER[receiptState(receipt)];
  return [...receipts].sort((one, other) =>
    rank(one) - rank(other) || one.name.localeCompare(other.name, "ja"));
}

/** Newest first. */
export function newestFirst(messages) {
  return Object.values(messages).sort((one, other) => Date.parse(other.at) - Date.parse(one.at));
}

/** The payload fields of a choice of the list: `all`, `team_id:3`, `campaign_id:1`. */
export function choiceOf(value) {
  const [field, id] = value.split(":");
  return id === undefined ? {} : { [field]: Number(id) };
}
