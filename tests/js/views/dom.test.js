import assert from "node:assert/strict";
import test from "node:test";
import { reconcile } from "../../../agent_desk/static/js/views/dom.js";

/** As much of an element with children as `reconcile` uses; counts how often one is moved. */
class Parent {
  children = [];
  moves = 0;

  get firstElementChild() {
    return this.children[0] ?? null;
  }

  append(child) {
    this.insertBefore(child, null);
  }

  insertBefore(child, place) {
    if (this.children.includes(child)) this.moves += 1;
    this.children = this.children.filter((one) => one !== child);
    const at = place === null ? this.children.length : this.children.indexOf(place);
    this.children.splice(at, 0, child);
    child.parent = this;
  }
}

class Child {
  dataset = {};

  get nextElementSibling() {
    return this.parent.children[this.parent.children.indexOf(this) + 1] ?? null;
  }

  remove() {
    this.parent.children = this.parent.children.filter((one) => one !== this);
  }
}

function draw(parent, ids) {
  const made = [];
  reconcile(parent, ids.map((id) => ({ id })), {
    keyOf: ({ id }) => id,
    create: ({ id }) => { made.push(id); return new Child(); },
    update: (child, { id }) => { child.text = id; },
  });
  assert.deepEqual(parent.children.map(({ text }) => text), ids);
  return made;
}

test("rows come, go and change places; those that stay keep their elements", () => {
  const parent = new Parent();
  assert.deepEqual(draw(parent, ["a", "b", "c"]), ["a", "b", "c"]);
  const [a] = parent.children;
  assert.deepEqual(draw(parent, ["b", "d", "a"]), ["d"]);
  assert.equal(parent.children[2], a);
  assert.deepEqual(draw(parent, []), []);
  assert.deepEqual(draw(parent, ["a"]), ["a"]);
});

test("any order is reached from any other", () => {
  const orders = [["a", "b", "c", "d"], ["d", "c", "b", "a"], ["b", "a", "d", "c"],
    ["c", "e", "a"], ["a", "c", "d", "e", "b"]];
  for (const from of orders) {
    for (const to of orders) {
      const parent = new Parent();
      draw(parent, from);
      draw(parent, to);
    }
  }
});

test("one row moving down or leaving does not move the others", () => {
  const ids = Array.from({ length: 50 }, (_, index) => `seat${index}`);
  const parent = new Parent();
  draw(parent, ids);
  draw(parent, ids.slice(1));
  assert.equal(parent.moves, 0);
  draw(parent, [...ids.slice(2), ids[1]]);
  assert.ok(parent.moves <= 2, `${parent.moves} moves`);
});
