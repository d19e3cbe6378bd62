/** One line of time of what there was with a customer: calls, promises, notes, messages. */

const ENDED = new Set(["kept", "broken", "withdrawn"]);

/**
 * @param {{history: object[]|null, promises: object[]|null, notes: object[]|null,
 *   messages: object[]|null}} record null: withheld
 * @returns {object[]} newest first, each with `kind` and `at`
 */
export function timelineOf({ history, promises, notes, messages }) {
  const all = (rows, kind, at = ({ at: when }) => when) =>
    (rows ?? []).map((row) => ({ ...row, kind, at: at(row) }));
  const over = (promises ?? []).filter(({ state, ended_at: ended }) => ended && ENDED.has(state));
  const rows = [
    ...all(history, "call"),
    ...all(promises, "promise", (row) => row.made_at),
    ...all(over, "promise_end", (row) => row.ended_at),
    ...all(notes, "note"),
    ...all(messages, "message"),
  ];
  return rows.sort((one, other) => Date.parse(other.at) - Date.parse(one.at));
}
