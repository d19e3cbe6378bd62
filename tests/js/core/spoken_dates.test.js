import assert from "node:assert/strict";
import test from "node:test";
import { businessDayFrom, isBusinessDay, spokenDate }
  from "../../../agent_desk/static/js/core/spoken_dates.js";

// A Sunday; Monday the 23rd is 勤労感謝の日.
const context = { today: "2026-11-22", holidays: ["2026-11-23"] };
const meant = (text) => spokenDate(text, context);

test("dates are understood as people type them", () => {
  const forms = {
    "+3d": "2026-11-25", "3日後": "2026-11-25", "＋３ｄ": "2026-11-25", 明日: "2026-11-23",
    月末: "2026-11-30", 今月末: "2026-11-30", 来月末: "2026-12-31", "翌月末日": "2026-12-31",
    来週金曜: "2026-11-27", "来週の 金曜日": "2026-11-27", 再来週月曜: "2026-11-30",
    "+2w": "2026-12-06", "15日": "2026-12-15", "12/15": "2026-12-15", "1月5日": "2027-01-05",
    "11/21": "2027-11-21",
  };
  for (const [text, date] of Object.entries(forms)) assert.equal(meant(text), date, text);
});

test("A24: 来週の金曜 is a date that can be read back", () => {
  assert.equal(meant("来週の金曜"), "2026-11-27");
});

test("a weekday without a week is the next one, today included", () => {
  const friday = { today: "2026-11-27", holidays: [] };
  assert.equal(spokenDate("金曜", friday), "2026-11-27");
  assert.equal(spokenDate("水曜", friday), "2026-12-02");
  assert.equal(spokenDate("来週金曜", friday), "2026-12-04");
});

test("business days leave out weekends and holidays", () => {
  assert.equal(meant("1営業日"), "2026-11-24");
  assert.equal(meant("+4bd"), "2026-11-27");
  assert.equal(meant("5営業日後"), "2026-11-30");
  assert.equal(isBusinessDay("2026-11-23", context.holidays), false);
  assert.equal(businessDayFrom("2026-11-21", context.holidays), "2026-11-24");
  assert.equal(businessDayFrom("2026-11-24", context.holidays), "2026-11-24");
});

test("what means nothing is not guessed at", () => {
  for (const text of ["", "いつか", "32日", "2/30", "13/1", "+3", "-3d"]) {
    assert.equal(meant(text), null, text);
  }
});
