/** Instants, dates, durations and amounts as people read them. Times are JST at the edge. */

const ZONE = "Asia/Tokyo";
const DAY_MS = 86_400_000;
const JST_MS = 9 * 3_600_000; // Japan has had no summer time since 1952

/** `YYYY-MM-DD` of an epoch instant, in Japan. */
export function businessDate(epochMs) {
  return new Date(epochMs + JST_MS).toISOString().slice(0, 10);
}

/** Epoch milliseconds of the last midnight in Japan. */
export function businessMidnight(epochMs) {
  return Math.floor((epochMs + JST_MS) / DAY_MS) * DAY_MS - JST_MS;
}

/** A date `days` later than an ISO date, as an ISO date. */
export function addDays(isoDate, days) {
  return new Date(Date.parse(`${isoDate}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** The last day of the month of an ISO date, `months` later. */
export function endOfMonth(isoDate, months = 0) {
  const [year, month] = isoDate.split("-").map(Number);
  return new Date(Date.UTC(year, month + months, 0)).toISOString().slice(0, 10);
}

/** Whole days from one ISO date to another. */
export function daysBetween(from, to) {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY_MS);
}

/** `3:07` or `1:03:07`: a running timer. Seconds may be fractional. */
export function timer(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n) => String(n).padStart(2, "0");
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** Amounts typed by hand: full-width digits, commas, 円 and ¥ are accepted; null when not one. */
export function parseYen(text) {
  const plain = text.normalize("NFKC").replace(/[,\s¥円]/g, "");
  if (!/^\d{1,9}$/.test(plain)) return null;
  const yen = Number(plain);
  return yen > 0 ? yen : null;
}

/**
 * Formatters of one language.
 * @param {(id: string, params?: object) => string} t
 * @param {"ja"|"en"} locale
 */
export function formats(t, locale) {
  const tag = locale === "ja" ? "ja-JP" : "en-GB";
  const plain = (options) => new Intl.DateTimeFormat(tag, { timeZone: ZONE, ...options });
  const clock = plain({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const exact = plain({ hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
  const day = plain({ month: "numeric", day: "numeric" });
  const long = plain({ month: "long", day: "numeric", weekday: "short" });
  const dated = plain({ year: "numeric", month: "2-digit", day: "2-digit" });
  const number = new Intl.NumberFormat(tag);
  const noon = (isoDate) => new Date(`${isoDate}T12:00:00+09:00`);

  return {
    /** `14:05` */
    time: (instant) => clock.format(new Date(instant)),
    /** `14:05:09` */
    exactTime: (instant) => exact.format(new Date(instant)),
    /** `11/22 14:05` */
    dayAndTime: (instant) => `${day.format(new Date(instant))} ${clock.format(new Date(instant))}`,
    /** `11/22 14:05`; with its year when that is not plain, half a year away or more. */
    instant: (instant, now) => {
      const at = new Date(instant);
      const far = Math.abs(at.getTime() - now) >= 182 * DAY_MS;
      return `${(far ? dated : day).format(at)} ${clock.format(at)}`;
    },
    /** `2026/11/30` */
    date: (isoDate) => dated.format(noon(isoDate)),
    /** `11月30日(月)`: what is read back to the customer. */
    spokenDate: (isoDate) => long.format(noon(isoDate)),
    count: (value) => number.format(value),
    yen: (amount) => t("format.yen", { amount: number.format(amount) }),
    /** `3分12秒`, `1時間02分`: an amount of time, not a running timer. */
    duration: (seconds) => {
      const whole = Math.max(0, Math.floor(seconds));
      const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
      if (h) return t("format.hours_minutes", { h, m: String(m).padStart(2, "0") });
      return m ? t("format.minutes_seconds", { m, s: String(s).padStart(2, "0") })
               : t("format.seconds", { s });
    },
  };
}
