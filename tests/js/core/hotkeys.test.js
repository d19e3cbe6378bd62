import assert from "node:assert/strict";
import test from "node:test";
import { readFileSync } from "node:fs";
import { KEYS, actionFor, takesText } from "../../../agent_desk/static/js/core/hotkeys.js";

const statuses = [{ code: "contact", hotkey: "1" }, { code: "payment_date", hotkey: "3" },
  { code: "silent", hotkey: null }];
const body = { tagName: "BODY" };
const press = (key, extra = {}) => ({
  key, target: body, isComposing: false, repeat: false, defaultPrevented: false,
  ctrlKey: false, metaKey: false, altKey: false, ...extra,
});
const act = (event, enabled = true) => actionFor(event, { enabled, statuses });

test("a number key marks the status that has it", () => {
  assert.deepEqual(act(press("1")), { action: "status", code: "contact" });
  assert.deepEqual(act(press("3")), { action: "status", code: "payment_date" });
  assert.equal(act(press("2")), null);
});

test("keys typed into a field are text", () => {
  for (const target of [
    { tagName: "TEXTAREA" }, { tagName: "SELECT" }, { tagName: "INPUT", type: "text" },
    { tagName: "INPUT", type: "date" }, { tagName: "INPUT" },
    { tagName: "DIV", isContentEditable: true },
  ]) {
    assert.ok(takesText(target));
    for (const key of ["1", "m", "?"]) assert.equal(act(press(key, { target })), null);
  }
});

test("a focused button or checkbox does not swallow the keys", () => {
  for (const target of [{ tagName: "BUTTON" }, { tagName: "INPUT", type: "checkbox" }]) {
    assert.deepEqual(act(press("m", { target })), { action: "mute" });
  }
});

test("a key with a modifier belongs to the browser, one being composed to the input method", () => {
  for (const extra of [{ ctrlKey: true }, { metaKey: true }, { altKey: true },
    { isComposing: true }, { repeat: true }, { defaultPrevented: true }]) {
    assert.equal(act(press("1", extra)), null);
  }
});

test("hanging up takes Shift", () => {
  assert.equal(act(press("k")), null);
  assert.deepEqual(act(press("K")), { action: "hang_up" });
});

test("switched off, only the sheet that switches them on again can be called", () => {
  assert.equal(act(press("1"), false), null);
  assert.equal(act(press("m"), false), null);
  assert.deepEqual(act(press("?"), false), { action: "help" });
});

const page = (name) =>
  readFileSync(new URL(`../../../agent_desk/${name}`, import.meta.url), "utf-8");

test("every key of the sheet does what the sheet says, and no key is without its line", () => {
  for (const { key, action } of KEYS) assert.deepEqual(act(press(key)), { action });
  assert.equal(new Set(KEYS.map(({ key }) => key)).size, KEYS.length);
  const others = [..."abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ!?/.,"]
    .filter((key) => !KEYS.some((one) => one.key === key));
  for (const key of others) assert.equal(act(press(key)), null);
});

test("every action of a key is carried out, and every line of the sheet has its words", () => {
  const view = page("static/js/views/keys.js");
  const words = JSON.parse(page("translations/ja.json"));
  for (const { action, label } of KEYS) {
    assert.match(view, new RegExp(`^    ${action}[:,]`, "m"));
    assert.ok(words[label], label);
  }
});

test("a key drawn on a button is the key that presses it", () => {
  const view = page("static/js/views/keys.js");
  const buttons = ["_desk_call", "_desk_seat"].map((name) => page(`templates/${name}.html`))
    .join("").matchAll(/data-part="([a-z-]+)"(?:(?!<button)[^])*?<kbd>([^<]+)<\/kbd>\s*<\/button>/g);
  const drawn = [...buttons].map(([, part, key]) => [part, key]);
  assert.ok(drawn.length >= 10);
  for (const [part, shown] of drawn) {
    const { action } = KEYS.find((one) => one.shown === shown);
    assert.match(view, new RegExp(`^    ${action}:.*press\\("${part}"\\)`, "m"), `${shown} ${part}`);
  }
});
