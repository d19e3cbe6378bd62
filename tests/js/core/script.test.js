import assert from "node:assert/strict";
import test from "node:test";
import { filledScript } from "../../../agent_desk/static/js/core/script.js";

const customer = { name: "高橋 健一", kana: "タカハシケンイチ" };

test("the operator reads names, not blanks", () => {
  const script = "私、{担当}と申します。{顧客カナ}様（{顧客名}様）でしょうか。";
  assert.equal(filledScript(script, { operator: "佐藤 美咲", customer }),
    "私、佐藤と申します。タカハシケンイチ様（高橋 健一様）でしょうか。");
});

test("without a reading the name is read", () => {
  assert.equal(filledScript("{顧客カナ}様", { operator: "佐藤", customer: { ...customer, kana: "" } }),
    "高橋 健一様");
});

test("a blank that nobody can fill stays visible", () => {
  assert.equal(filledScript("{会社名}の{担当姓}", { operator: "佐藤", customer }), "{会社名}の佐藤");
});
