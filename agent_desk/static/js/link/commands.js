/**
 * Commands to the desk: each with an id of its own, kept until acknowledged.
 *
 * A command that was sent and not answered may or may not have happened; the id makes it safe to
 * ask again, so after a reconnect everything still open is sent once more, in order, under the same
 * id, and has one effect. What an operator records about a customer (`DURABLE`) also survives a
 * reload, in this tab's session storage, until the server has it. What only makes sense at once
 * (`FLEETING`) is not repeated: it fails with the connection and its caller starts over.
 */
const ANSWER_WITHIN_MS = 5000;
const FLEETING_WITHIN_MS = 10_000;

export const DURABLE = new Set([
  "mark_status", "third_party", "set_promise", "withdraw_promise", "set_callback",
  "note_objection", "draft_note", "save_result", "tick_statement",
]);
export const FLEETING = new Set([
  "media_offer", "device_test", "device_passed", "resync", "pacing_trace",
]);

/** The desk refused: `error` is `{id, message, details}` and `id` is stable. */
export class Refused extends Error {
  constructor(error) {
    super(error.message ?? error.id);
    this.error = error;
  }
}

export class Commands extends EventTarget {
  #transmit;
  #newId;
  #storage;
  #key;
  #timers;
  #open = new Map();
  #up = false;

  /**
   * @param {Function} transmit (event, payload, acknowledged: (reply) => void)
   * @param {{owner: string, newId: () => string, storage: Storage, timers?: object}} options
   *   `owner`: whose commands these are; another user of the same tab does not inherit them
   */
  constructor(transmit, { owner, newId, storage, timers = globalThis }) {
    super();
    this.#transmit = transmit;
    this.#newId = newId;
    this.#storage = storage;
    this.#key = `outbox:${owner}`;
    this.#timers = timers;
    for (const { id, event, payload } of this.#stored()) this.#keep(id, event, payload);
  }

  /** Send a command; resolves with the acknowledgement, rejects with `Refused`. */
  send(event, payload = {}) {
    if (FLEETING.has(event) && !this.#up) {
      return Promise.reject(new Refused({ id: "connection-lost" }));
    }
    const command = this.#keep(this.#newId(), event, payload);
    const answer = new Promise((resolve, reject) => Object.assign(command, { resolve, reject }));
    this.#store();
    if (this.#up) this.#start(command);
    this.#changed();
    return answer;
  }

  /** The link is up: everything still open goes out again, oldest first. */
  connected() {
    this.#up = true;
    for (const command of this.#open.values()) this.#start(command);
    this.#changed();
  }

  /** The link is down: what is open waits; what is fleeting fails. */
  disconnected() {
    this.#up = false;
    for (const command of [...this.#open.values()]) {
      this.#timers.clearTimeout(command.timer);
      if (FLEETING.has(command.event)) this.#fail(command, { id: "connection-lost" });
    }
    this.#changed();
  }

  /** Commands not yet acknowledged, oldest first: `{id, event, payload, late}`. */
  get pending() {
    return [...this.#open.values()].map(({ id, event, payload, late }) =>
      ({ id, event, payload, late }));
  }

  #keep(id, event, payload) {
    const command = { id, event, payload, late: false, timer: null };
    this.#open.set(id, command);
    return command;
  }

  #start(command) {
    const fleeting = FLEETING.has(command.event);
    this.#timers.clearTimeout(command.timer);
    command.timer = this.#timers.setTimeout(() => {
      if (fleeting) this.#fail(command, { id: "timed-out" });
      else command.late = true;
      this.#changed();
    }, fleeting ? FLEETING_WITHIN_MS : ANSWER_WITHIN_MS);
    this.#transmit(command.event, { ...command.payload, command_id: command.id }, (reply) =>
      this.#answered(command, reply));
  }

  #answered(command, reply) {
    if (!this.#open.has(command.id)) return;
    if (reply?.ok) {
      this.#forget(command);
      command.resolve?.(reply);
    } else {
      this.#fail(command, reply?.error ?? { id: "unexpected" });
    }
    this.#changed();
  }

  #fail(command, error) {
    const waitedFor = command.reject;
    this.#forget(command);
    if (waitedFor) waitedFor(new Refused(error));
    else this.dispatchEvent(new CustomEvent("refused", { detail: { command, error } }));
  }

  #forget(command) {
    this.#timers.clearTimeout(command.timer);
    this.#open.delete(command.id);
    this.#store();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }

  #store() {
    const durable = [...this.#open.values()]
      .filter(({ event }) => DURABLE.has(event))
      .map(({ id, event, payload }) => ({ id, event, payload }));
    if (durable.length) this.#storage.setItem(this.#key, JSON.stringify(durable));
    else this.#storage.removeItem(this.#key);
  }

  #stored() {
    try {
      return JSON.parse(this.#storage.getItem(this.#key) ?? "[]");
    } catch {
      return []; // what cannot be read back cannot be sent
    }
  }
}
