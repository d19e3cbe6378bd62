/**
 * Dates as people say and type them: `+3d`, `3日後`, `3営業日`, `月末`, `来月末`, `来週金曜`, `15日`,
 * `12/15`. Business days leave out weekends and Japanese holidays.
 */
import { addDays, endOfMonth } from "./format.js";

const WEEKDAYS = "月火水木金土日";
const DAYS_AHEAD = { 今日: 0, 本日: 0, 明日: 1, あした: 1, 明後日: 2, あさって: 2 };

const weekdayOf = (isoDate) => (new Date(`${isoDate}T00:00:00Z`).getUTCDay() + 6) % 7;

/** Whether banks work that day. `holidays` are ISO dates. */
export function isBusinessDay(isoDate, holidays) {
  return weekdayOf(isoDate) < 5 && !holidays.includes(isoDate);
}

/** The day itself, or the next on which banks work. */
export function businessDayFrom(isoDate, holidays) {
  let day = isoDate;
  while (!isBusinessDay(day, holidays)) day = addDays(day, 1);
  return day;
}

function businessDaysLater(today, count, holidays) {
  let day = today;
  for (let left = count; left > 0; left -= 1) day = businessDayFrom(addDays(day, 1), holidays);
  return day;
}

/** A weekday of this week (0) or a later one; of this week only one that is not over. */
function weekdayIn(today, weeks, weekday) {
  const day = addDays(today, weeks * 7 + weekday - weekdayOf(today));
  return day < today ? addDays(day, 7) : day;
}

function monthDay(today, month, day) {
  const [year, thisMonth] = today.split("-").map(Number);
  const wanted = month ?? thisMonth;
  for (let ahead = 0; ahead < 14; ahead += 1) {
    const at = new Date(Date.UTC(year, thisMonth - 1 + ahead, day));
    const exists = at.getUTCDate() === day;
    const fits = month === null || at.getUTCMonth() + 1 === wanted;
    const iso = at.toISOString().slice(0, 10);
    if (exists && fits && iso >= today) return iso;
  }
  return null;
}

const FORMS = [
  [/^(今日|本日|明日|あした|明後日|あさって)$/, (today, [, word]) =>
    addDays(today, DAYS_AHEAD[word])],
  [/^\+?(\d{1,3})(?:d|日後)$/i, (today, [, n]) => addDays(today, Number(n))],
  [/^\+?(\d{1,2})(?:bd|営業日後?)$/i, (today, [, n], holidays) =>
    businessDaysLater(today, Number(n), holidays)],
  [/^\+?(\d{1,2})(?:w|週間後)$/i, (today, [, n]) => addDays(today, 7 * Number(n))],
  [/^(今月|来月|翌月|再来月)?末日?$|^月末$/, (today, [, word]) =>
    endOfMonth(today, { 来月: 1, 翌月: 1, 再来月: 2 }[word] ?? 0)],
  [/^(今週|来週|再来週|翌週)?の?([月火水木金土日])曜?日?$/, (today, [, week, day]) =>
    weekdayIn(today, { 来週: 1, 翌週: 1, 再来週: 2 }[week] ?? 0, WEEKDAYS.indexOf(day))],
  [/^(\d{1,2})日$/, (today, [, day]) => monthDay(today, null, Number(day))],
  [/^(\d{1,2})[/月](\d{1,2})日?$/, (today, [, month, day]) =>
    monthDay(today, Number(month), Number(day))],
];

/** What is meant, as an ISO date; null when it cannot be told. */
export function spokenDate(text, { today, holidays }) {
  const plain = text.normalize("NFKC").replace(/\s/g, "");
  for (const [form, read] of FORMS) {
    const match = form.exec(plain);
    if (match) return read(today, match, holidays);
  }
  return null;
}
