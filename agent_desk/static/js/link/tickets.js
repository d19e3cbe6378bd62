/**
 * One-time tickets that admit a socket: fetched by the signed-in page, good for 30 seconds and one
 * namespace each. Both namespaces of a page ask at the same moment, so one request serves both.
 */
const FRESH_MS = 20_000;

/** The session has ended: only signing in again helps. */
export class SignedOut extends Error {}

export class Tickets {
  #namespaces;
  #csrf;
  #fetch;
  #unused = new Map();
  #fetchedAt = -Infinity;
  #underWay = null;

  /**
   * @param {string[]} namespaces what this page connects to
   * @param {{csrf: string, fetch?: typeof fetch}} options
   */
  constructor(namespaces, { csrf, fetch = globalThis.fetch.bind(globalThis) }) {
    this.#namespaces = namespaces;
    this.#csrf = csrf;
    this.#fetch = fetch;
  }

  /** A ticket for one namespace. Throws `SignedOut`, or whatever the network says. */
  async take(namespace) {
    if (performance.now() - this.#fetchedAt > FRESH_MS) this.#unused.clear();
    if (!this.#unused.has(namespace)) {
      this.#underWay ??= this.#load().finally(() => { this.#underWay = null; });
      await this.#underWay;
    }
    const ticket = this.#unused.get(namespace);
    this.#unused.delete(namespace);
    return ticket;
  }

  async #load() {
    const answer = await this.#fetch("/tickets", {
      method: "POST",
      credentials: "same-origin",
      headers: { "Content-Type": "application/json", "X-CSRFToken": this.#csrf },
      body: JSON.stringify({ namespaces: this.#namespaces }),
      signal: AbortSignal.timeout(4000),
      redirect: "error",
    });
    if (answer.status === 401 || answer.status === 403 || answer.status === 400) {
      throw new SignedOut(`tickets: ${answer.status}`);
    }
    if (!answer.ok) throw new Error(`tickets: ${answer.status}`);
    const { tickets } = await answer.json();
    this.#unused = new Map(Object.entries(tickets));
    this.#fetchedAt = performance.now();
  }
}
