import assert from "node:assert/strict";
import test from "node:test";
import { notices } from "../../../agent_desk/static/js/views/notices.js";

/** As much of an element as a notice uses. */
class Piece {
  attributes = {};
  dataset = {};
  children = [];

  get firstElementChild() {
    return this.children[0] ?? null;
  }

  getAttribute(name) {
    return this.attributes[name] ?? null;
  }

  setAttribute(name, value) {
    this.attributes[name] = value;
    if (name.startsWith("data-")) this.dataset[name.slice(5)] = value;
  }

  removeAttribute(name) {
    delete this.attributes[name];
  }

  addEventListener(_, listener) {
    this.press = listener;
  }

  append(...children) {
    for (const child of children) if (child instanceof Piece) child.parent = this;
    this.children.push(...children);
  }

  remove() {
    this.parent.children = this.parent.children.filter((one) => one !== this);
  }
}

function edge(context) {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  globalThis.document = { createElement: () => new Piece(), createElementNS: () => new Piece() };
  context.after(() => delete globalThis.document);
  const area = new Piece();
  const told = () => area.children.map((toast) => toast.dataset.text);
  return { area, told, notice: notices(area, { t: (id) => id }) };
}

test("what was refused is no longer said once it has worked", (context) => {
  const { told, notice } = edge(context);
  notice.problem("not at that hour", "set_callback");
  notice.problem("not in two states", "mark_status");
  notice.info("saved");
  notice.settle("set_callback");
  assert.deepEqual(told(), ["not in two states", "saved"]);
});

test("a refusal stays for a quarter of a minute and goes by itself", (context) => {
  const { told, notice } = edge(context);
  notice.problem("not at that hour", "set_callback");
  context.mock.timers.tick(14_999);
  assert.deepEqual(told(), ["not at that hour"]);
  context.mock.timers.tick(1);
  assert.deepEqual(told(), []);
});

test("the same words are said once, four of them at most, and can be put away", (context) => {
  const { area, told, notice } = edge(context);
  for (const text of ["a", "b", "a", "c", "d", "e"]) notice.info(text);
  assert.deepEqual(told(), ["a", "c", "d", "e"]);
  area.children[1].children.at(-1).press();
  assert.deepEqual(told(), ["a", "d", "e"]);
});
