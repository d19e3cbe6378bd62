import assert from "node:assert/strict";
import test from "node:test";
import { Link } from "../../../agent_desk/static/js/link/socket.js";
import { SignedOut, Tickets } from "../../../agent_desk/static/js/link/tickets.js";

/** Stands in for the client library: one socket whose events a test fires. */
function fakeIo() {
  const handlers = new Map();
  const socket = {
    connected: false, active: true, calls: [],
    on: (event, run) => handlers.set(event, run),
    connect: () => socket.calls.push("connect"),
    disconnect: () => socket.calls.push("disconnect"),
    emit: () => {},
    io: { engine: { close: () => socket.calls.push("renew") } },
    fire: (event, payload) => handlers.get(event)?.(payload),
  };
  const io = (namespace, options) => Object.assign(socket, { namespace, options });
  return { io, socket };
}

const tickets = (take) => ({ take });
const given = (socket) => new Promise((resolve) => { socket.options.auth(resolve); });

test("each attempt shows a fresh ticket and names the tab", async () => {
  const { io, socket } = fakeIo();
  let count = 0;
  const office = tickets(async () => `ticket${(count += 1)}`);
  new Link("/desk", [], { tickets: office, tab: "t1", io });
  assert.deepEqual(socket.options.transports, ["websocket"]);
  assert.deepEqual(await given(socket), { ticket: "ticket1", tab: "t1" });
  assert.deepEqual(await given(socket), { ticket: "ticket2", tab: "t1" });
});

test("messages carry their type", () => {
  const { io, socket } = fakeIo();
  const link = new Link("/desk", ["update"], { tickets: tickets(), tab: "t1", io });
  const heard = [];
  link.addEventListener("message", ({ detail }) => heard.push(detail));
  socket.fire("update", { seq: 4, changes: {} });
  assert.deepEqual(heard, [{ type: "update", seq: 4, changes: {} }]);
});

test("the end of the session stops the attempts and is told", async () => {
  const { io, socket } = fakeIo();
  const office = tickets(async () => { throw new SignedOut("401"); });
  const link = new Link("/desk", [], { tickets: office, tab: "t1", io });
  const told = new Promise((resolve) => { link.addEventListener("signed-out", resolve); });
  link.open();
  socket.options.auth(() => assert.fail("no ticket must be shown"));
  await told;
  assert.deepEqual(socket.calls, ["connect", "disconnect"]);
});

test("a ticket that cannot be fetched leads to a refused attempt, not a hanging one", async () => {
  const { io, socket } = fakeIo();
  const office = tickets(async () => { throw new TypeError("network"); });
  new Link("/desk", [], { tickets: office, tab: "t1", io });
  assert.deepEqual(await given(socket), { ticket: "", tab: "t1" });
});

const answering = (status, body = {}) => async () =>
  ({ status, ok: status < 400, json: async () => body });

test("one request serves both namespaces, each ticket is used once", async () => {
  let requests = 0;
  const fetch = async () => {
    requests += 1;
    const issued = { "/desk": `d${requests}`, "/pulse": `p${requests}` };
    return answering(200, { tickets: issued })();
  };
  const office = new Tickets(["/desk", "/pulse"], { csrf: "x", fetch });
  assert.deepEqual(await Promise.all([office.take("/desk"), office.take("/pulse")]), ["d1", "p1"]);
  assert.equal(requests, 1);
  assert.equal(await office.take("/desk"), "d2");
});

test("401 is the end of the session, 503 is not", async () => {
  const take = (status) => new Tickets(["/desk"], { csrf: "x", fetch: answering(status) })
    .take("/desk");
  await assert.rejects(take(401), SignedOut);
  await assert.rejects(take(503), (error) => !(error instanceof SignedOut));
});
