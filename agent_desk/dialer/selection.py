"""When a list entry is tried again, and which one is called first.

After each attempt one ladder says what becomes of the list entry. The outcome names the ladder
(`outcomes.ROWS`); where an operator spoke, the result does: the most decisive of the marked
statuses, or the promise. A ladder is a row of rungs, one per time in succession that the same
thing happened, the last one repeating; it may close the entry, close the number, or leave the
entry unburnt (the attempt was not the customer's affair, so it does not use up a try).

What a ladder says is the *earliest* time. Windows, caps and gaps are `calling_rules`' business:
they move it further. A wait of an hour or more may be moved to a better hour of the same day
(`Retry.shiftable`, `best_hour`); shorter ones and callbacks are meant as they stand.

A campaign has its own waits for any ladder, and for any of its statuses under `status:<code>`:
`{"busy": [15, 15, 120, "next_day"], "status:contact": [1440, 4320]}`, in minutes.

Defaults (R11, R12, R14, R22 of the rule catalogue; a campaign may have its own of the same name):

    busy        15 min, three times, then 2 h      no_answer  2 h, 4 h, then another part of the
    machine     24 h                                          next business day
    abandoned   72 h                               hung_up    24 h
    silence     4 h                                rejected   24 h
    announcement 24 h, twice heard: number closed  invalid    number closed at once
    congestion  5 min, unburnt                     ours       5 min, unburnt
    skipped     1 h, unburnt                       callback   at once, before all others
    talked      24 h                               contact    24 h
    valid       7 days                             close      entry closed
    a promise   the day after due date and grace

**Order of calling**, mirrored by the index of the lease: priority (0 first, 9 last), then the
instant from which the entry is due, then id. Entries not yet due are not called.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal

from agent_desk.dialer.business_time import JST, at, business_date
from agent_desk.dialer.outcomes import Ladder

MAX_TRIES = 6
GRACE_DAYS = 3
FIRST_PRIORITY = 0
SATURDAY = 5

SHIFTABLE_FROM = timedelta(hours=1)
MOST_RUNGS = 20
MOST_WAIT_MINUTES = 366 * 24 * 60
NUMBER_RATE = 0.3
NUMBER_STRENGTH = 2.0
OF_STATUS = "status:"

MORNING = 10 * 60
AFTERNOON = 13 * 60
EVENING = 18 * 60


@dataclass(frozen=True)
class NextDay:
    """Another part of the next business day than the one tried."""


@dataclass(frozen=True)
class Rungs:
    """One ladder. No waits: the entry is closed at once."""

    waits: tuple[timedelta | NextDay, ...]
    burns: bool = True  # uses up a try
    closes_number_after: int | None = None  # times in succession; the entry closes with it
    first: bool = False  # before every other entry

    def wait(self, times: int) -> timedelta | NextDay | None:
        """The rung of the n-th time in succession, from 1."""
        return self.waits[min(times, len(self.waits)) - 1] if self.waits else None


MINUTES_15 = timedelta(minutes=15)
DAY = timedelta(days=1)

LADDERS: Mapping[str, Rungs] = {
    Ladder.BUSY: Rungs((MINUTES_15, MINUTES_15, MINUTES_15, timedelta(hours=2))),
    Ladder.NO_ANSWER: Rungs((timedelta(hours=2), timedelta(hours=4), NextDay())),
    Ladder.MACHINE: Rungs((DAY,)),
    Ladder.ANNOUNCEMENT: Rungs((DAY,), closes_number_after=2),
    Ladder.SILENCE: Rungs((timedelta(hours=4),)),
    Ladder.INVALID: Rungs((), closes_number_after=1),
    Ladder.REJECTED: Rungs((DAY,)),
    Ladder.ABANDONED: Rungs((3 * DAY,)),
    Ladder.HUNG_UP: Rungs((DAY,)),
    Ladder.CONGESTION: Rungs((timedelta(minutes=5),), burns=False),
    Ladder.OURS: Rungs((timedelta(minutes=5),), burns=False),
    Ladder.SKIPPED: Rungs((timedelta(hours=1),), burns=False),
    Ladder.CALLBACK: Rungs((timedelta(),), burns=False, first=True),
    Ladder.TALKED: Rungs((DAY,)),
    Ladder.CONTACT: Rungs((DAY,)),
    Ladder.VALID: Rungs((7 * DAY,)),
    Ladder.CLOSE: Rungs(()),
}

# The most decisive first.
STATUS_LADDERS: Mapping[str, str] = {"valid": Ladder.VALID, "contact": Ladder.CONTACT}


@dataclass(frozen=True)
class Retry:
    """What becomes of the list entry. `at` is None when it is closed, `reason` says by what."""

    state: Literal["ready", "closed"]
    at: datetime | None
    reason: str = ""
    priority: int | None = None  # None: as before
    closes_number: bool = False
    burns: bool = True  # this attempt is one of the entry's tries
    shiftable: bool = False  # a later hour of that day will do
    ladder: str = ""
    times: int = 1


class BadLadder(ValueError):
    """A campaign's own waits cannot be used; the text says why."""


def ladders_of(own: Mapping[str, object]) -> dict[str, Rungs]:
    """Every ladder of a campaign: its own waits, everything else as here; or `BadLadder`."""
    ladders: dict[str, Rungs] = dict(LADDERS)
    for name, waits in own.items():
        if name not in LADDERS and not name.removeprefix(OF_STATUS) < name:
            raise BadLadder(f"no ladder is called {name}")
        if not isinstance(waits, list | tuple) or len(waits) > MOST_RUNGS:
            raise BadLadder(f"{name}: a list of at most {MOST_RUNGS} waits")
        known = LADDERS[Ladder(name)] if name in LADDERS else Rungs(())
        ladders[name] = replace(known, waits=tuple(_wait(name, wait) for wait in waits))
    return ladders


def _wait(name: str, wait: object) -> timedelta | NextDay:
    if wait == "next_day":
        return NextDay()
    if isinstance(wait, int) and not isinstance(wait, bool) and 1 <= wait <= MOST_WAIT_MINUTES:
        return timedelta(minutes=wait)
    raise BadLadder(f'{name}: minutes from 1, or "next_day"')


def next_try(
    ladder: str,
    *,
    times: int,
    tries: int,
    now: datetime,
    max_tries: int = MAX_TRIES,
    ladders: Mapping[str, Rungs] = LADDERS,
    holidays: Collection[date] = (),
) -> Retry:
    """The rung after an attempt that ended at `now`.

    `times`: how often in succession this ladder has applied to the entry, this time included.
    `tries`: how many tries the entry had before, this one not included.
    """
    rungs = ladders[ladder] if ladder in ladders else LADDERS[Ladder(ladder)]
    found = Retry("closed", None, ladder, burns=rungs.burns, ladder=ladder, times=times)
    if rungs.closes_number_after is not None and times >= rungs.closes_number_after:
        return replace(found, closes_number=True)
    wait = rungs.wait(times)
    if wait is None:
        return found
    if rungs.burns and tries + 1 >= max_tries:
        return replace(found, reason="tries")
    return replace(
        found,
        state="ready",
        at=other_part_of_next_day(now, holidays) if isinstance(wait, NextDay) else now + wait,
        reason="",
        priority=FIRST_PRIORITY if rungs.first else None,
        shiftable=rungs.burns and (isinstance(wait, NextDay) or wait >= SHIFTABLE_FROM),
    )


def after_result(
    codes: Collection[str],
    *,
    promise_due: date | None,
    tries: int,
    now: datetime,
    before: tuple[str | None, int] = (None, 0),
    status_ladders: Mapping[str, str] = STATUS_LADDERS,
    grace_days: int = GRACE_DAYS,
    max_tries: int = MAX_TRIES,
    ladders: Mapping[str, Rungs] = LADDERS,
    holidays: Collection[date] = (),
) -> Retry:
    """What the saved result says; it replaces what the outcome said when the call ended.

    `status_ladders` is in order of decisiveness, a campaign's own statuses before the built-in
    ones; `before` is the ladder of the entry's last result and how often in succession it applied.
    A standing promise holds the entry until the day after its due date and grace.
    """
    if promise_due is not None:
        due = at(promise_due + timedelta(days=grace_days + 1), 0)
        return Retry("ready", due, "promise", shiftable=True, ladder="promise")
    ladder = next((status_ladders[code] for code in status_ladders if code in codes), Ladder.TALKED)
    return next_try(
        str(ladder),
        times=before[1] + 1 if before[0] == ladder else 1,
        tries=tries,
        now=now,
        max_tries=max_tries,
        ladders=ladders,
        holidays=holidays,
    )


@dataclass(frozen=True)
class NumberRecord:
    """One number of a customer: how often it was tried, and how often a person answered it."""

    position: int  # in the order of the list
    tries: int
    answers: int

    @property
    def chance(self) -> float:
        """That it is answered: drawn towards what any number has while little is known of it."""
        return (self.answers + NUMBER_STRENGTH * NUMBER_RATE) / (self.tries + NUMBER_STRENGTH)


def best_number_first(record: NumberRecord) -> tuple[float, int, int]:
    """A key to sort a customer's numbers by: what answered best, then what was tried least.

    A number nobody answered falls behind one that was not tried yet, so they take turns until one
    of them answers.
    """
    return -record.chance, record.tries, record.position


def other_part_of_next_day(now: datetime, holidays: Collection[date] = ()) -> datetime:
    """The next business day, in another part of the day than the one just tried."""
    day = business_date(now) + DAY
    while day.weekday() >= SATURDAY or day in holidays:
        day += DAY
    hour = now.astimezone(JST).hour
    if hour < 12:
        return at(day, EVENING)
    return at(day, MORNING if hour < 17 else AFTERNOON)
