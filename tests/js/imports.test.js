import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import test from "node:test";

const ROOT = "agent_desk/static/js";
// pages → views, phone, link → core
const LEVEL = { pages: 3, views: 2, phone: 2, link: 2, core: 1 };
const BUDGET_LINES = 350;

const walk = (folder) => readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
  const path = join(folder, entry.name);
  if (entry.isDirectory()) return walk(path);
  return entry.name.endsWith(".js") ? [path] : [];
});
const roomOf = (file) => {
  const parts = relative(ROOT, file).split("/");
  return parts.length > 1 ? parts[0] : "pages";
};
const modules = walk(ROOT).map((path) => ({ path, source: readFileSync(path, "utf8") }));

test("modules import downwards only", () => {
  for (const { path, source } of modules) {
    for (const [, target] of source.matchAll(/from\s+"(\.[^"]+)"/g)) {
      const to = roomOf(normalize(join(dirname(path), target)));
      if (to === roomOf(path)) continue;
      assert.ok(LEVEL[to] < LEVEL[roomOf(path)], `${path} imports ${target}`);
    }
  }
});

test("nothing is imported that is not ours", () => {
  for (const { path, source } of modules) {
    for (const [, target] of source.matchAll(/\bfrom\s+"([^"]+)"/g)) {
      assert.match(target, /^\.{1,2}\/.+\.js$/, `${path} imports ${target}`);
    }
  }
});

test("the core knows neither document nor network", () => {
  const outside = /\b(document|window|fetch|localStorage|sessionStorage|navigator)\s*[.([]/;
  for (const { path, source } of modules.filter(({ path: file }) => roomOf(file) === "core")) {
    const code = source.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
    assert.doesNotMatch(code, outside, path);
  }
});

test("one file knows the socket library and one the peer connection", () => {
  const naming = (pattern) => modules.filter(({ source }) => {
    const code = source.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
    return pattern.test(code);
  }).map(({ path }) => relative(ROOT, path));
  assert.deepEqual(naming(/globalThis\.io\b/), ["link/socket.js"]);
  assert.deepEqual(naming(/new RTCPeerConnection/), ["phone/peer.js"]);
});

test("no markup is built from text, and no style or script is inline", () => {
  const forbidden = /\.(innerHTML|outerHTML|insertAdjacentHTML)\b|\beval\(|new Function\(/;
  for (const { path, source } of modules) assert.doesNotMatch(source, forbidden, path);
  const templates = readdirSync("agent_desk/templates", { recursive: true })
    .filter((name) => name.endsWith(".html"));
  for (const name of templates) {
    const html = readFileSync(join("agent_desk/templates", name), "utf8");
    assert.doesNotMatch(html, /\son[a-z]+=|\sstyle=|javascript:/, name);
  }
});

test("every module says in its first lines what it is, within the line budget", () => {
  for (const { path, source } of modules) {
    assert.match(source, /^(\/\*\*|\/\/ )/, path);
    assert.ok(source.split("\n").length <= BUDGET_LINES, path);
    const long = source.split("\n").findIndex((line) => line.length > 100);
    assert.equal(long, -1, `${path}:${long + 1} is longer than 100 characters`);
  }
});
