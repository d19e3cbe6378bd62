import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { awayText, errorText, noticeText, translator }
  from "../../../agent_desk/static/js/core/messages.js";

const catalogue = (locale) =>
  JSON.parse(readFileSync(`agent_desk/translations/${locale}.json`, "utf8"));
const ja = catalogue("ja");
const en = catalogue("en");
const holes = (text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
const walk = (folder) => readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? walk(join(folder, entry.name)) : [join(folder, entry.name)]);

test("placeholders are filled, unknown ones stay", () => {
  const t = translator({ a: "{n}件（{unknown}）" });
  assert.equal(t("a", { n: 3 }), "3件（{unknown}）");
  assert.equal(t("b"), "b");
});

test("a refusal has its own words, the server's, or a general sentence", () => {
  const t = translator({ "error.no-call": "なし", "error.unexpected": "失敗" });
  assert.equal(errorText(t, { id: "no-call" }), "なし");
  assert.equal(errorText(t, { id: "other", message: "詳細" }), "詳細");
  assert.equal(errorText(t, { id: "other" }), "失敗");
});

test("a notice that is a refusal keeps the words of the error", () => {
  const t = translator({ "notice.a": "通知", "error.b": "拒否" });
  assert.equal(noticeText(t, "a", {}), "通知");
  assert.equal(noticeText(t, "b", {}), "拒否");
});

test("what became of a call the operator chose is told by its outcome", () => {
  const t = translator({ "preview.came_to": "結果：{outcome}", "outcome.busy": "話中" });
  assert.equal(noticeText(t, "previewed-busy", {}), "結果：話中");
});

test("both languages have the same ids and the same placeholders", () => {
  assert.deepEqual(Object.keys(en).sort(), Object.keys(ja).sort());
  for (const id of Object.keys(ja)) assert.deepEqual(holes(en[id]), holes(ja[id]), id);
});

test("every id that a script names is in the catalogue", () => {
  for (const file of walk("agent_desk/static/js").filter((name) => name.endsWith(".js"))) {
    const source = readFileSync(file, "utf8");
    for (const [, id] of source.matchAll(/\bt\(\s*"([^"]+)"/g)) {
      assert.ok(Object.hasOwn(ja, id), `${file}: ${id}`);
    }
    for (const [, family] of source.matchAll(/\bt\([^)]*?`([a-z_]+\.)\$\{/g)) {
      assert.ok(Object.keys(ja).some((id) => id.startsWith(family)), `${file}: ${family}`);
    }
  }
});

test("a seat the desk sent away says why in words", () => {
  for (const reason of ["break", "wrap_up_expired", "lagged"]) {
    assert.equal(awayText(translator(ja), reason), ja[`away.${reason}`]);
  }
  assert.equal(awayText(translator(ja), "外出"), "外出");
});
