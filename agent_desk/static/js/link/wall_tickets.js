/**
 * Tickets for a screen's socket, traded for the link's secret. The secret stands behind `#` in the
 * address, which the browser sends to nobody, and goes into the body of this request only.
 */
import { SignedOut } from "./tickets.js";

export class WallTickets extends EventTarget {
  #secret;
  #csrf;
  #fetch;
  #reload;

  /**
   * @param {string} secret
   * @param {{csrf: string, reload: () => void, fetch?: typeof fetch}} by
   */
  constructor(secret, { csrf, reload, fetch = globalThis.fetch.bind(globalThis) }) {
    super();
    this.#secret = secret;
    this.#csrf = csrf;
    this.#reload = reload;
    this.#fetch = fetch;
  }

  /** A ticket. Throws `SignedOut` when the link opens nothing any more. Fires `named`. */
  async take(namespace) {
    const answer = await this.#fetch("/wallboard/tickets", {
      method: "POST",
      credentials: "same-origin",
      headers: { "Content-Type": "application/json", "X-CSRFToken": this.#csrf },
      body: JSON.stringify({ secret: this.#secret }),
      signal: AbortSignal.timeout(4000),
      redirect: "error",
      referrerPolicy: "no-referrer",
    });
    if (answer.status === 404) throw new SignedOut("wallboard: no such link");
    if (answer.status === 400) this.#reload(); // the page is older than the desk's keys
    if (!answer.ok) throw new Error(`wallboard: ${answer.status}`);
    const { tickets, name } = await answer.json();
    this.dispatchEvent(new CustomEvent("named", { detail: { name } }));
    return tickets[namespace];
  }
}
