/** The ways of looking at the floor this person keeps: what the desk has after each change. */

/** Refused by the desk, which says why (`error`), or not answered at all. */
export class NotKept extends Error {
  constructor(error) {
    super(error.id);
    this.error = error;
  }
}

/**
 * @param {{csrf: string, fetch?: typeof fetch}} options
 * @returns {{
 *   add: (view: object) => Promise<object[]>,
 *   change: (id: number, view: object) => Promise<object[]>,
 *   remove: (id: number) => Promise<object[]>,
 * }} each resolves with all views there are, or throws `NotKept`
 */
export function keptViews({ csrf, fetch = globalThis.fetch.bind(globalThis) }) {
  async function post(path, told) {
    let answer;
    try {
      answer = await fetch(path, {
        method: "POST",
        credentials: "same-origin",
        headers: {
          "X-CSRFToken": csrf, "Accept": "application/json", "Content-Type": "application/json",
        },
        body: JSON.stringify(told),
        signal: AbortSignal.timeout(8000),
        redirect: "error",
      });
    } catch {
      throw new NotKept({ id: "unexpected" });
    }
    const said = await answer.json().catch(() => ({}));
    if (answer.ok) return said;
    throw new NotKept({ id: said.error_id ?? "unexpected", details: said.details });
  }

  return {
    add: (view) => post("/floor/views", view),
    change: (id, view) => post(`/floor/views/${id}`, view),
    remove: (id) => post(`/floor/views/${id}/remove`, {}),
  };
}
