"""Each person's day as their seat had it: every stay, the calls within, and what they add up to.

All figures are sums over the stays that are shown: talk, hold and wrap-up of a call are this
person's, on this day, so that the calls add up to the states and the states to the time logged in,
to the microsecond. What is practised is shown and counted nowhere. Corrections of working time
stand beside it and change nothing of it.

A long call is what the floor would have told a lead of: beyond the limit of its campaign, or else
the centre's, as they are set now. Whoever looks for others names a limit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from agent_desk.dialer.business_time import at
from agent_desk.services.seat.alert_rules import CALL, DEFAULTS
from agent_desk.store.people import corrections, floor_thresholds
from agent_desk.store.people.corrections import CorrectionRow
from agent_desk.store.reports import stays as rows
from agent_desk.store.reports.stays import SeatPerson, Stay, StayCall
from agent_desk.store.unit_of_work import Session

# In the order a day goes; 待機 is available and reserved together, as in every other report.
TIMES: Mapping[str, tuple[str, ...]] = {
    "starting_s": ("starting",),
    "idle_s": ("available", "reserved"),
    "talk_s": ("talking",),
    "hold_s": ("hold",),
    "wrap_s": ("wrap_up",),
    "away_s": ("away",),
}
ON_LINE = ("talking", "hold")
DAY_MINUTES = 24 * 60
NO_REASON = "other"
ZERO = timedelta()


@dataclass(frozen=True)
class CallOfDay:
    """One call at this seat on this day; `long`: on the line for longer than its limit."""

    call_id: str
    began: datetime
    stays: tuple[Stay, ...]
    call: StayCall | None
    long: bool

    def spent_s(self, *states: str) -> float:
        """Seconds in these states."""
        return _sum(self.stays, states).total_seconds()

    @property
    def talk_s(self) -> float:
        """On the line, on hold included."""
        return self.spent_s(*ON_LINE)

    @property
    def hold_s(self) -> float:
        return self.spent_s("hold")

    @property
    def wrap_s(self) -> float:
        return self.spent_s("wrap_up")


@dataclass(frozen=True)
class PersonDay:
    """One person's day."""

    person: SeatPerson
    stays: tuple[Stay, ...]
    calls: tuple[CallOfDay, ...]
    corrections: tuple[CorrectionRow, ...]

    @property
    def counted(self) -> list[Stay]:
        """The stays figures are made of."""
        return [stay for stay in self.stays if not stay.practised]

    @property
    def login_s(self) -> float:
        """From login to logout: every state together."""
        return _sum(self.counted).total_seconds()

    def time_s(self, name: str) -> float:
        """Seconds of one of `TIMES`."""
        return _sum(self.counted, TIMES[name]).total_seconds()

    @property
    def away_by(self) -> dict[str, float]:
        """Seconds away by reason."""
        found: dict[str, timedelta] = defaultdict(timedelta)
        for stay in self.counted:
            if stay.state == "away":
                found[stay.reason or NO_REASON] += stay.ended - stay.began
        return {reason: spent.total_seconds() for reason, spent in sorted(found.items())}

    @property
    def reached(self) -> int:
        """Calls that reached the seat on this day, as every report counts them."""
        moves = [stay for stay in self.counted if stay.state == "talking"]
        return len({stay.call_id for stay in moves if stay.from_state == "reserved"})

    @property
    def talk_avg_s(self) -> float | None:
        """(talk + hold) ÷ calls that reached the seat (A09)."""
        spent = _sum(self.counted, ON_LINE).total_seconds()
        return spent / self.reached if self.reached else None

    @property
    def wrap_avg_s(self) -> float | None:
        """Wrap-up ÷ wrap-ups."""
        written = [stay for stay in self.counted if stay.state == "wrap_up"]
        return _sum(written).total_seconds() / len(written) if written else None

    @property
    def long_calls(self) -> int:
        """Calls beyond the limit."""
        return sum(call.long for call in self.calls if not call.stays[0].practised)


@dataclass(frozen=True)
class DayTimeline:
    """Everybody's day. The scale of the bars is whole hours, `from_minute` to `to_minute`.
    `usual_s` is the centre's limit of a call."""

    day: date
    people: tuple[PersonDay, ...]
    from_minute: int
    to_minute: int
    usual_s: float

    @property
    def corrected(self) -> int:
        """Calls of the day whose result was corrected."""
        told = {call.call_id: call.call for day in self.people for call in day.calls}
        return sum(each is not None and each.versions > 1 for each in told.values())

    def minute(self, instant: datetime) -> float:
        """Minutes from the left edge of the bars."""
        return (instant - at(self.day, self.from_minute)) / timedelta(minutes=1)


def timeline(
    session: Session,
    day: date,
    *,
    now: datetime,
    teams: Collection[int] | None,
    user_id: int | None = None,
    limit_s: float | None = None,
) -> DayTimeline:
    """A Japanese day of those in scope; `user_id`: of one person. `limit_s`: the limit of every
    call, instead of their campaigns'."""
    start, end = at(day, 0), at(day, DAY_MINUTES)
    people = rows.people(session, start, end, teams=teams, user_id=user_id)
    ids = [person.user_id for person in people]
    stays = rows.of_people(session, start, end, ids, now=now)
    named = {stay.call_id for mine in stays.values() for stay in mine if stay.call_id}
    calls = rows.calls_of(session, named)
    asked = corrections.of_day(session, ids, day)
    usual_s = _usual_s(session)
    found = tuple(
        PersonDay(
            person,
            tuple(mine),
            tuple(_calls(mine, calls, limit_s, usual_s)),
            tuple(each for each in asked if each.user_id == person.user_id),
        )
        for person in people
        if (mine := stays.get(person.user_id))
    )
    first, last = _hours([stay for each in found for stay in each.stays], day)
    return DayTimeline(day, found, first, last, usual_s)


def _usual_s(session: Session) -> float:
    """After how long the floor tells leads of a call whose campaign has no limit of its own."""
    _, too_long_s = floor_thresholds.every(session).get(CALL, (0, DEFAULTS[CALL].too_long_s))
    return too_long_s


def _calls(
    stays: Sequence[Stay], calls: Mapping[str, StayCall], limit_s: float | None, usual_s: float
) -> Iterator[CallOfDay]:
    """By call, in the order they reached the seat."""
    mine: dict[str, list[Stay]] = defaultdict(list)
    for stay in stays:
        if stay.call_id is not None:
            mine[stay.call_id].append(stay)
    for call_id, during in mine.items():
        call = calls.get(call_id)
        own_s = None if call is None else call.talk_limit_s
        long = _sum(during, ON_LINE).total_seconds() > (limit_s or own_s or usual_s)
        yield CallOfDay(call_id, during[0].began, tuple(during), call, long)


def _sum(stays: Sequence[Stay], states: Collection[str] | None = None) -> timedelta:
    wanted = (stay for stay in stays if states is None or stay.state in states)
    return sum((stay.ended - stay.began for stay in wanted), ZERO)


def _hours(stays: Sequence[Stay], day: date) -> tuple[int, int]:
    """The whole hours of the day in which anybody was there."""
    if not stays:
        return 0, DAY_MINUTES
    midnight, hour = at(day, 0), timedelta(hours=1)
    first = (min(stay.began for stay in stays) - midnight) // hour
    last = -((midnight - max(stay.ended for stay in stays)) // hour)
    return first * 60, max(last, first + 1) * 60
