"""At which hour does this customer answer? Learnt from what was tried, with a prior of the group.

Nobody is called often enough to fill a week's table of hours by himself. So a customer's rate at
an hour is a beta-binomial posterior: what was tried on him, near that hour and day, on top of what
his campaign's customers do at it. The campaign's own table is smoothed the same way, each level
drawing on the wider one as far as it has little of its own: all hours → the hour on any day → the
hour on working days or weekends → the hour on this weekday.

    rate = (answers + STRENGTH × wider rate) / (tries + STRENGTH)

The ladder and the rules say from when on (`earliest`) and until when (`latest`) a customer may be
tried; `choose` only moves the instant between the two, and only for a gain that is worth waiting
for: each hour later costs a little (`HOUR_COST`), and small differences are noise (`LEAST_GAIN`).
Customers who are better called at the same hour are spread over it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b

from agent_desk.dialer.business_time import JST

# What is supposed where nothing is known, and how many tries outweigh it.
FIRST_RATE = 0.25
FIRST_STRENGTH = 4.0
GROUP_STRENGTH = 40.0
OWN_STRENGTH = 4.0

# How much a try tells of another hour of the day, and of another day of the week.
NEXT_HOUR = 0.4
SAME_KIND_OF_DAY = 0.6
OTHER_KIND_OF_DAY = 0.2

HOUR_COST = 0.02
LEAST_GAIN = 1.1

WEEKDAYS = 7
SATURDAY = 5
HOUR = timedelta(hours=1)

Slot = tuple[int, int]  # weekday (Monday is 0) and hour, JST


@dataclass(frozen=True)
class Count:
    """How often it was tried, and how often a person answered."""

    tries: float = 0.0
    answers: float = 0.0

    def __add__(self, other: Count) -> Count:
        return Count(self.tries + other.tries, self.answers + other.answers)

    def times(self, weight: float) -> Count:
        return Count(self.tries * weight, self.answers * weight)

    def rate(self, wider: float, strength: float) -> float:
        """The posterior mean, given the rate of the wider group."""
        return (self.answers + strength * wider) / (self.tries + strength)


Counts = Mapping[Slot, Count]
NOTHING = Count()


def slot_of(instant: datetime) -> Slot:
    """Weekday and hour in Japan."""
    local = instant.astimezone(JST)
    return local.weekday(), local.hour


class Rates:
    """Chances that one customer answers, by hour of the week."""

    def __init__(self, *, group: Counts, own: Counts) -> None:
        self._group = group
        self._own = own
        self._all = sum(group.values(), NOTHING).rate(FIRST_RATE, FIRST_STRENGTH)

    def at(self, slot: Slot) -> float:
        """Between 0 and 1."""
        near = NOTHING
        for seen, count in self._own.items():
            weight = _nearness(slot, seen)
            if weight:
                near += count.times(weight)
        return near.rate(self._of_group(slot), OWN_STRENGTH)

    def _of_group(self, slot: Slot) -> float:
        weekday, hour = slot
        any_day = self._sum(hour, range(WEEKDAYS)).rate(self._all, GROUP_STRENGTH)
        kind = [day for day in range(WEEKDAYS) if _weekend(day) == _weekend(weekday)]
        like_day = self._sum(hour, kind).rate(any_day, GROUP_STRENGTH)
        return self._group.get(slot, NOTHING).rate(like_day, GROUP_STRENGTH)

    def _sum(self, hour: int, weekdays: range | list[int]) -> Count:
        return sum((self._group.get((day, hour), NOTHING) for day in weekdays), NOTHING)


def choose(earliest: datetime, latest: datetime, rates: Rates, *, customer_id: int) -> datetime:
    """The instant from `earliest` to `latest`, both included, at which to try."""
    standing = rates.at(slot_of(earliest))
    best, found = standing * LEAST_GAIN, earliest
    for begins in _hours(earliest, latest):
        waited = (begins - earliest) / HOUR
        worth = rates.at(slot_of(begins)) * (1 - HOUR_COST * waited)
        if worth > best:
            best, found = worth, begins
    if found == earliest:
        return earliest
    return found + _spread(customer_id, min(HOUR, latest - found))


def _hours(earliest: datetime, latest: datetime) -> Iterator[datetime]:
    """The full hours after `earliest`, up to `latest`."""
    local = earliest.astimezone(JST).replace(minute=0, second=0, microsecond=0) + HOUR
    while local <= latest:
        yield local.astimezone(earliest.tzinfo)
        local += HOUR


def _nearness(slot: Slot, other: Slot) -> float:
    apart = abs(slot[1] - other[1])
    if apart > 1:
        return 0.0
    weight = NEXT_HOUR if apart else 1.0
    if slot[0] == other[0]:
        return weight
    alike = _weekend(slot[0]) == _weekend(other[0])
    return weight * (SAME_KIND_OF_DAY if alike else OTHER_KIND_OF_DAY)


def _weekend(weekday: int) -> bool:
    return weekday >= SATURDAY


def _spread(customer_id: int, span: timedelta) -> timedelta:
    """A place of the customer's own within the span, in whole seconds."""
    digest = blake2b(str(customer_id).encode(), digest_size=4).digest()
    return timedelta(seconds=int.from_bytes(digest) % max(1, int(span.total_seconds())))
