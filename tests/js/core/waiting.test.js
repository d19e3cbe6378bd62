import assert from "node:assert/strict";
import test from "node:test";
import { waitingText } from "../../../agent_desk/static/js/core/waiting.js";

const says = (seat, running = "running") => waitingText({ seat, campaign: { running } });

test("before a seat is known the page says what is missing", () => {
  assert.equal(waitingText(null), "waiting.connecting");
  assert.equal(waitingText({ seat: null, campaign: null }), "waiting.no_campaign");
});

test("a starting seat is told to check its audio until it has passed", () => {
  assert.equal(says({ state: "starting", checked: false }), "waiting.starting");
  assert.equal(says({ state: "starting", checked: true }), "waiting.ready");
});

test("who waits in a campaign that dials nobody is told so", () => {
  assert.equal(says({ state: "available" }), "waiting.available");
  for (const running of ["paused", "draining", "stopped"]) {
    assert.equal(says({ state: "available" }, running), "waiting.not_dialing");
    assert.equal(says({ state: "away" }, running), "waiting.away");
  }
});

test("whoever waits for long is told why nobody comes, and in preview what to press", () => {
  const campaign = { running: "running", mode: "predictive", why: "list-empty" };
  const state = { seat: { state: "available" }, campaign };
  assert.equal(waitingText(state, 9), "waiting.available");
  assert.equal(waitingText(state, 10), "waiting.why.list-empty");
  assert.equal(waitingText({ ...state, campaign: { ...campaign, why: "" } }, 60),
    "waiting.available");
  assert.equal(waitingText({ ...state, campaign: { ...campaign, mode: "preview" } }, 1),
    "waiting.preview");
});
