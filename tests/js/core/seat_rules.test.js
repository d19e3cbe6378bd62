import assert from "node:assert/strict";
import test from "node:test";
import { awaitsIdentity, isMarked, isStranger, offers, statusesFor }
  from "../../../agent_desk/static/js/core/seat_rules.js";

const call = { id: "c1", state: "bridged", preview: false, identity: "unknown", codes: [] };
const state = (seatState, extra = {}) => ({
  seat: { state: seatState, queued_away: null, extensions_left: 1, ...extra.seat },
  call: extra.call === undefined ? call : extra.call,
  campaign: { mode: "progressive", identity_needed: true, ...extra.campaign },
});
const on = (given, linkUp = true) => Object.entries(offers(given, { linkUp }))
  .filter(([, may]) => may === true).map(([name]) => name).sort();

test("before the first snapshot nothing is offered", () => {
  assert.deepEqual(on(null), []);
  assert.deepEqual(on({ seat: null, call: null, campaign: null }), []);
});

test("each state offers what the desk would accept", () => {
  assert.deepEqual(on(state("starting", { call: null })), ["available", "away"]);
  assert.deepEqual(on(state("available", { call: null })), ["away", "dialByHand"]);
  assert.deepEqual(on(state("away", { call: null })), ["available", "away"]);
  assert.deepEqual(on(state("talking")),
    ["away", "awayIsQueued", "hangUp", "hold", "identity", "keypad", "mute", "party", "record",
      "thirdParty"]);
  assert.deepEqual(on(state("wrap_up")), ["away", "awayIsQueued", "extend", "record", "save", "thirdParty"]);
});

test("a colleague in somebody's call is offered nothing of their own", () => {
  const consult = { by: "operator2" };
  assert.deepEqual(on(state("away", { call: null, seat: { consult } })), []);
});

test("nobody is asked in beside somebody who is there", () => {
  const party = { kind: "number", state: "joined" };
  assert.ok(!on(state("talking", { call: { ...call, party } })).includes("party"));
});

test("extending ends with the extensions", () => {
  assert.equal(offers(state("wrap_up", { seat: { extensions_left: 0 } }), { linkUp: true }).extend,
    false);
});

test("待機 takes a queued away back", () => {
  const queued = state("talking", { seat: { queued_away: "break" } });
  assert.equal(offers(queued, { linkUp: true }).available, true);
});

test("without a connection seat states wait, what is recorded does not", () => {
  assert.deepEqual(on(state("talking"), false),
    ["awayIsQueued", "hangUp", "hold", "identity", "mute", "record", "thirdParty"]);
});

test("preview: ask, look, call or skip", () => {
  const campaign = { mode: "preview" };
  const leased = { ...call, state: "leased", preview: true };
  assert.ok(on(state("available", { call: null, campaign })).includes("nextCustomer"));
  const looking = on(state("reserved", { call: leased, campaign }));
  assert.ok(looking.includes("previewed") && !looking.includes("hangUp"));
  assert.ok(on(state("reserved", { call: { ...leased, state: "ringing" }, campaign }))
    .includes("hangUp"));
});

test("a status that needs 本人確認 waits for it where the campaign asks for it", () => {
  const status = { needs_identity: true };
  const needed = { identity_needed: true };
  const waits = (identity) =>
    awaitsIdentity(status, { call: { ...call, identity }, campaign: needed });
  assert.deepEqual(["unknown", "third_party", "verified"].map(waits), [true, true, false]);
  assert.equal(awaitsIdentity(status, { call, campaign: { identity_needed: false } }), false);
  assert.equal(awaitsIdentity({ needs_identity: false }, { call, campaign: needed }), false);
});

test("a press on its way counts, the last one most, and only for its call", () => {
  const press = (code, value, callId = "c1") =>
    ({ event: "mark_status", payload: { call_id: callId, code, on: value } });
  const marked = { ...call, codes: ["contact"] };
  assert.equal(isMarked("contact", marked, []), true);
  assert.equal(isMarked("contact", marked, [press("contact", false)]), false);
  const twice = [press("contact", false), press("contact", true)];
  assert.equal(isMarked("contact", marked, twice), true);
  assert.equal(isMarked("valid", marked, [press("valid", true, "c0")]), false);
  assert.equal(isMarked("valid", null, []), false);
});

test("a caller we do not know is a stranger; no record yet is nobody at all", () => {
  assert.deepEqual([{ known: false }, { known: true }, null]
    .map((record) => isStranger({ record })), [true, false, false]);
  assert.equal(isStranger(null), false);
});

test("a message is left where the desk allows one, and on nobody who is a person", () => {
  const may = (extra) => on(state("talking", { call: { ...call, ...extra } })).includes("leaveMessage");
  const message = { state: null, forbidden: null };
  assert.ok(may({ message }));
  assert.ok(!may({ message: null }));
  assert.ok(!may({ message: { ...message, forbidden: "message-too-soon" } }));
  assert.ok(!may({ message, codes: ["contact"] }));
  assert.ok(!may({ message, identity: "verified" }));
  assert.ok(!may({ message, party: { state: "joined" } }));
});

test("a customer is asked for a score where the desk says so, once, and with nobody else there", () => {
  const may = (extra, seat = "talking") =>
    on(state(seat, { call: { ...call, ...extra } })).includes("handToSurvey");
  const survey = { state: null, forbidden: null };
  assert.ok(may({ survey }));
  assert.ok(may({ survey }, "hold"));
  assert.ok(!may({ survey: null }));
  assert.ok(!may({ survey: { ...survey, forbidden: "identity-needed" } }));
  assert.ok(!may({ survey: { ...survey, state: "asking" } }));
  assert.ok(!may({ survey, party: { state: "joined" } }));
  assert.ok(!may({ survey }, "wrap_up"));
});

test("what is said of talks with others is offered in such a talk", () => {
  const statuses = [{ code: "contact" }, { code: "family", third_party: true }];
  const codes = (identity, marked = [], needed = true) => statusesFor({
    call: { ...call, identity, codes: marked }, campaign: { statuses, identity_needed: needed },
  }).map(({ code }) => code);
  assert.deepEqual(codes("unknown"), ["contact"]);
  assert.deepEqual(codes("third_party"), ["contact", "family"]);
  assert.deepEqual(codes("verified", ["family"]), ["contact", "family"]);
  assert.deepEqual(codes("unknown", [], false), ["contact", "family"]);
});
