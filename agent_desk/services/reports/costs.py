"""What a period cost, to the yen: hours × wage, call charges, monthly fees; and each unit of work.

Pure. Every line is worked out exactly (microseconds, fractions of yen) and rounded once, so that
the lines printed add up to the total printed, and a spreadsheet comes to the same yen.
"""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

from agent_desk.dialer.charges import SEN
from agent_desk.services.reports.staffing import MICROSECOND, Hours

_HOUR_US = 3_600_000_000


@dataclass(frozen=True)
class Rates:
    """What people typed: wages, premiums and further monthly costs, in force from a day on.

    Premiums are percent on top of the wage; on a holiday its premium is added to that of the band
    (深夜 and 休日 together, 労働基準法37条). `holiday_weekdays`: bit 0 is Monday; `national`:
    national holidays count as well. `monthly_yen`: licences and whatever no tariff here charges.
    """

    version: int
    from_on: date
    wage_yen: int
    evening_percent: int
    night_percent: int
    holiday_percent: int
    holiday_weekdays: int
    national: bool
    monthly_yen: int
    made_by: str = ""
    made_at: datetime | None = None

    def premium(self, band: str, *, holiday: bool) -> int:
        """Percent on top of the wage."""
        bands = {"evening": self.evening_percent, "night": self.night_percent}
        return bands.get(band, 0) + (self.holiday_percent if holiday else 0)

    def closes(self, day: date, national: Collection[date]) -> bool:
        """Whether this is a holiday by these rates."""
        return bool(self.holiday_weekdays >> day.weekday() & 1) or (
            self.national and day in national
        )


@dataclass(frozen=True)
class LabourLine:
    """Hours of one kind at one wage."""

    band: str
    holiday: bool
    wage_yen: int
    percent: int
    time: timedelta

    @property
    def exact(self) -> Fraction:
        """Hours × wage × (1 + premium), in yen."""
        hours = Fraction(self.time // MICROSECOND, _HOUR_US)
        return hours * self.wage_yen * (100 + self.percent) / 100

    @property
    def yen(self) -> int:
        """The same to the yen."""
        return rounded(self.exact)

    @property
    def premium_yen(self) -> int:
        """What of it is paid for the hour being what it is."""
        return self.yen - rounded(self.exact * 100 / (100 + self.percent))


@dataclass(frozen=True)
class Costs:
    """A period's costs. `calls_sen`: of all calls; `fees_yen`: monthly fees of tariffs;
    `monthly_yen`: further monthly costs. Both are the share of the days that are in the period.

    `unpriced`: answered calls no tariff has a price for; `unpaid`: time before any wage was typed.
    """

    labour: tuple[LabourLine, ...] = ()
    calls_sen: int = 0
    fees_yen: int = 0
    monthly_yen: int = 0
    unpriced: int = 0
    unpaid: timedelta = timedelta()

    @property
    def labour_yen(self) -> int:
        """All hours."""
        return sum(line.yen for line in self.labour)

    @property
    def calls_yen(self) -> int:
        """What is left below a yen is not charged, as on a carrier's bill."""
        return self.calls_sen // SEN

    @property
    def total_yen(self) -> int:
        """運営コスト (A05)."""
        return self.labour_yen + self.calls_yen + self.fees_yen + self.monthly_yen

    @property
    def premium_yen(self) -> int:
        """What night, evening and holidays cost beyond the wage (A07)."""
        return sum(line.premium_yen for line in self.labour)


@dataclass(frozen=True)
class Achieved:
    """What the period brought; each is what the costs are divided by. `collected_yen` came in so
    many `payments`."""

    contacts: int = 0
    verified: int = 0
    promises: int = 0
    kept: int = 0
    collected_yen: int = 0
    appointments: int = 0
    payments: int = 0

    def cases(self, unit: str) -> int:
        """How many cases a unit's cost rests on: yen are no cases, the payments are."""
        return self.payments if unit == "collected_yen" else int(getattr(self, unit))


# 1件あたりコスト, in the order they are shown; the last is アポ CPA.
UNITS = ("contacts", "verified", "promises", "kept", "collected_yen", "appointments")


def rates_on(rates: Sequence[Rates], day: date) -> Rates | None:
    """Those in force: of the latest day that has begun, the newest version; None before any."""
    begun = [each for each in rates if each.from_on <= day]
    return max(begun, key=lambda each: (each.from_on, each.version), default=None)


def holidays(
    rates: Sequence[Rates], days: Iterable[date], national: Collection[date]
) -> frozenset[date]:
    """Which of the days are holidays by the rates in force on them."""
    in_force = ((day, rates_on(rates, day)) for day in days)
    return frozenset(
        day for day, each in in_force if each is not None and each.closes(day, national)
    )


def labour(
    worked: Iterable[Hours], rates: Sequence[Rates]
) -> tuple[tuple[LabourLine, ...], timedelta]:
    """One line for each kind of hour and wage, and the time nothing was typed for."""
    spent: dict[tuple[bool, str, int, int], timedelta] = defaultdict(timedelta)
    unpaid = timedelta()
    for each in worked:
        found = rates_on(rates, each.day)
        if found is None:
            unpaid += each.time
            continue
        percent = found.premium(each.band, holiday=each.holiday)
        spent[each.holiday, each.band, found.wage_yen, percent] += each.time
    lines = tuple(
        LabourLine(band, holiday, wage, percent, time)
        for (holiday, band, wage, percent), time in sorted(spent.items())
    )
    return lines, unpaid


def share_of_months(days: Iterable[date], monthly_yen: Mapping[date, int]) -> int:
    """Monthly amounts (by the first of the month) for these days of each month, rounded once."""
    exact = Fraction()
    for day in days:
        month = day.replace(day=1)
        _, length = calendar.monthrange(day.year, day.month)
        exact += Fraction(monthly_yen.get(month, 0), length)
    return rounded(exact)


def monthly(days: Iterable[date], rates: Sequence[Rates]) -> int:
    """The further monthly costs of these days, each by the rates in force on it."""
    exact = Fraction()
    for day in days:
        found = rates_on(rates, day)
        if found is not None:
            _, length = calendar.monthrange(day.year, day.month)
            exact += Fraction(found.monthly_yen, length)
    return rounded(exact)


def per_unit(costs: Costs, achieved: Achieved) -> dict[str, float | None]:
    """Costs ÷ each of `UNITS`; None where there was none."""
    return {
        unit: costs.total_yen / count if (count := getattr(achieved, unit)) > 0 else None
        for unit in UNITS
    }


def rounded(yen: Fraction) -> int:
    """To the yen; half a yen goes up, as in a spreadsheet."""
    return (2 * yen.numerator + yen.denominator) // (2 * yen.denominator)
