"""The caps of the catalogue a second time, written as slowly and plainly as they are read there.

Looks back on a finished log of calls, at one pair or one day after the other, in local times
without a zone; shares no code with the product. It says a list of sentences, [] when all is well.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
EVE_AND_NEW_YEAR = {(12, 31), (1, 1), (1, 2), (1, 3)}


@dataclass(frozen=True)
class House:
    """The rules one campaign keeps, as they stand after settings, hard limits and overrides."""

    kind: str
    opens: int  # minutes
    closes: int
    ring_s: float
    a_day: int
    gap: timedelta
    a_week: int | None  # collections
    spacing: timedelta | None  # collections
    rests: bool  # R12 after third parties and talks
    a_list: int | None  # the others, in 30 days
    reviews: bool  # the others: two hang-ups are a refusal
    reg_f: bool
    overdials: bool
    holidays: frozenset[date] = frozenset()
    opens_on_weekends: int = 0
    year_end: bool = False
    wish: tuple[int, int, frozenset[int] | None] | None = None  # minutes of one day, weekdays


@dataclass(frozen=True)
class Call:
    """One INVITE. `at` and `ended` are local (JST) without a zone."""

    at: datetime
    ended: datetime
    house: House
    campaign: int
    person: int
    number: str
    weighs: bool
    talked: bool = False
    third_party: bool = False
    abandoned: bool = False
    machine: bool = False
    hung_up: bool = False


@dataclass
class Log:
    """All calls, in order."""

    calls: list[Call] = field(default_factory=list)

    def faults(self) -> list[str]:
        """Every breach, each call judged by those before it."""
        found = []
        for place, call in enumerate(self.calls):
            before = self.calls[:place]
            for check in CHECKS:
                found += [f"{call.at} {call.house.kind}: {text}" for text in check(call, before)]
        return found


def hours(call: Call, before: list[Call]) -> Iterator[str]:
    house = call.house
    midnight = datetime.combine(call.at.date(), time())
    opens = house.opens
    off = call.at.weekday() in (5, 6) or call.at.date() in house.holidays
    if off:
        opens = max(opens, house.opens_on_weekends)
    if call.at < midnight + opens * MINUTE:
        yield "too early"
    if call.at + timedelta(seconds=house.ring_s + 5) > midnight + house.closes * MINUTE:
        yield "too late"
    if house.year_end and (call.at.month, call.at.day) in EVE_AND_NEW_YEAR:
        yield "at the end of the year"


def wishes(call: Call, before: list[Call]) -> Iterator[str]:
    if call.house.wish is None:
        return
    begins, ends, weekdays = call.house.wish
    midnight = datetime.combine(call.at.date(), time())
    rings_until = call.at + timedelta(seconds=call.house.ring_s + 5)
    if not midnight + begins * MINUTE <= call.at <= rings_until <= midnight + ends * MINUTE:
        yield "not at the time named"
    if weekdays is not None and call.at.weekday() not in weekdays:
        yield "not on the day named"


def counts(call: Call, before: list[Call]) -> Iterator[str]:
    own = [c for c in before if c.weighs and c.person == call.person]
    same = [c for c in before if c.weighs and c.number == call.number]
    today = call.at.date()
    if len([c for c in own if c.at.date() == today]) >= call.house.a_day:
        yield "too many on the person today"
    if len([c for c in same if c.at.date() == today]) >= call.house.a_day:
        yield "too many on the number today"
    week = [today - n * DAY for n in range(7)]
    this_week = [c for c in own if c.at.date() in week]
    if call.house.a_week is not None and len(this_week) >= call.house.a_week:
        yield "too many this week"
    if call.house.reg_f and len(this_week) >= 7:
        yield "an eighth in seven days"
    if call.house.a_list is not None:
        of_list = [c for c in own if c.campaign == call.campaign and call.at - c.at < 30 * DAY]
        if len(of_list) >= call.house.a_list:
            yield "too many on the list"


def spaces(call: Call, before: list[Call]) -> Iterator[str]:
    to_number = [c for c in before if c.number == call.number]
    if len(to_number) >= 3 and call.at - to_number[-3].at < 3 * MINUTE:
        yield "a third redial within three minutes"
    for earlier in before:
        if earlier.person != call.person and earlier.number != call.number:
            continue
        if call.at < earlier.ended:
            yield "two calls at a time"
        if not earlier.weighs:
            continue
        if call.at - earlier.at < call.house.gap:
            yield "within the gap"
        if call.house.spacing is not None and call.at - earlier.at < call.house.spacing:
            yield "too soon after an attempt"


def rests(call: Call, before: list[Call]) -> Iterator[str]:
    for earlier in before:
        if earlier.person != call.person:
            continue
        since = call.at - earlier.at
        if earlier.talked and call.house.rests and since < 7 * DAY:
            yield "within seven days of a talk"
        if earlier.talked and call.house.reg_f and call.at.date() < earlier.at.date() + 7 * DAY:
            yield "within seven days of a talk, the day of it being the first"
        if earlier.third_party and call.house.rests:
            day = earlier.at.date() + DAY
            while day.weekday() > 4 or day in call.house.holidays:
                day += DAY
            if call.at.date() < day:
                yield "before the next business day"


def overdialing(call: Call, before: list[Call]) -> Iterator[str]:
    for earlier in before:
        if not call.house.overdials or earlier.number != call.number:
            continue
        if earlier.abandoned and call.at - earlier.ended < 72 * HOUR:
            yield "overdialed within 72 hours of an abandoned call"
        if earlier.machine and call.at - earlier.ended < 24 * HOUR:
            yield "overdialed within 24 hours of a machine"


def refusals(call: Call, before: list[Call]) -> Iterator[str]:
    hung_up = [c for c in before if c.hung_up and c.person == call.person]
    month = [c for c in hung_up if call.at - c.at < 30 * DAY]
    if call.house.reviews and len(month) >= 2:
        yield "solicited after two hang-ups"


CHECKS = (refusals, hours, wishes, counts, spaces, rests, overdialing)
