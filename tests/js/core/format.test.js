import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import {
  addDays, businessDate, businessMidnight, daysBetween, endOfMonth, formats, parseYen, timer,
} from "../../../agent_desk/static/js/core/format.js";
import { translator } from "../../../agent_desk/static/js/core/messages.js";

const words = (locale) => {
  const text = readFileSync(`agent_desk/translations/${locale}.json`, "utf8");
  return formats(translator(JSON.parse(text)), locale);
};

test("the business day is Japan's", () => {
  assert.equal(businessDate(Date.parse("2026-11-22T14:59:59Z")), "2026-11-22");
  assert.equal(businessDate(Date.parse("2026-11-22T15:00:00Z")), "2026-11-23");
  assert.equal(businessMidnight(Date.parse("2026-11-22T03:00:00Z")),
    Date.parse("2026-11-21T15:00:00Z"));
});

test("dates are added over months and years", () => {
  assert.equal(addDays("2026-12-31", 1), "2027-01-01");
  assert.equal(endOfMonth("2028-02-03"), "2028-02-29");
  assert.equal(endOfMonth("2026-11-22", 1), "2026-12-31");
  assert.equal(endOfMonth("2026-12-05", 1), "2027-01-31");
  assert.equal(daysBetween("2026-11-22", "2026-11-30"), 8);
  assert.equal(daysBetween("2026-11-22", "2026-11-21"), -1);
});

test("a timer shows minutes and seconds, and hours when there are any", () => {
  assert.equal(timer(0), "0:00");
  assert.equal(timer(187.9), "3:07");
  assert.equal(timer(3787), "1:03:07");
  assert.equal(timer(-5), "0:00");
});

test("an amount may be typed as people type amounts", () => {
  for (const text of ["12000", "12,000", "１２，０００", "¥12,000", "12000円", " 12 000 "]) {
    assert.equal(parseYen(text), 12000, text);
  }
  for (const text of ["", "0", "-5", "12.5", "一万", "1e4", "9999999999"]) {
    assert.equal(parseYen(text), null, text);
  }
});

test("Japanese figures", () => {
  const f = words("ja");
  assert.equal(f.duration(192), "3分12秒");
  assert.equal(f.duration(3725), "1時間02分");
  assert.equal(f.duration(9.9), "9秒");
  assert.equal(f.yen(128400), "128,400円");
  assert.equal(f.spokenDate("2026-11-30"), "11月30日(月)");
  assert.equal(f.date("2026-11-05"), "2026/11/05");
  assert.equal(f.time("2026-11-22T15:05:00Z"), "00:05");
  assert.equal(f.dayAndTime("2026-11-22T15:05:00Z"), "11/23 00:05");
});

test("English figures", () => {
  const f = words("en");
  assert.equal(f.duration(192), "3 min 12 s");
  assert.equal(f.yen(12000), "¥12,000");
  assert.match(f.spokenDate("2026-11-30"), /^Mon,? 30 November$/);
});

test("an instant half a year away or more is told with its year", () => {
  const now = Date.parse("2026-11-22T05:05:00Z");
  const [ja, en] = [words("ja"), words("en")];
  assert.equal(ja.instant("2026-11-22T05:05:00Z", now), "11/22 14:05");
  assert.equal(ja.instant("2027-02-22T05:05:00Z", now), "2/22 14:05");
  assert.equal(ja.instant("2036-11-22T05:05:00Z", now), "2036/11/22 14:05");
  assert.equal(en.instant("2025-11-22T05:05:00Z", now), "22/11/2025 14:05");
});
