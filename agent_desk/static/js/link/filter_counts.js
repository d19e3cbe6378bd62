/** How many customers a filter finds: asked of the server while it is being built. */

/**
 * @param {object} definition
 * @param {{csrf: string, fetch?: typeof fetch}} options
 * @returns {Promise<{customers: number, exact: boolean}>} throws where there is no answer
 */
export async function countFilter(definition, { csrf, fetch = globalThis.fetch.bind(globalThis) }) {
  const answer = await fetch("/admin/filters/count", {
    method: "POST",
    credentials: "same-origin",
    headers: {
      "X-CSRFToken": csrf, "Accept": "application/json", "Content-Type": "application/json",
    },
    body: JSON.stringify(definition),
    redirect: "error",
  });
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer.json();
}
