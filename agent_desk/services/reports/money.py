"""A period measured for the reports on money: what it brought, who was at work, what it cost.

One snapshot of the database answers everything, so that the figures of a page belong together.
What cannot be told apart by campaign (fees per month, further monthly costs) is shared out by time
logged in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

from agent_desk.dialer.bills import Heads, bill
from agent_desk.dialer.business_time import at
from agent_desk.dialer.charges import Version, charge_sen, version_on
from agent_desk.services.reports.bills import days_of_month
from agent_desk.services.reports.cost_inputs import rates_of
from agent_desk.services.reports.costs import (
    Achieved,
    Costs,
    Rates,
    holidays,
    labour,
    monthly,
    rounded,
    share_of_months,
)
from agent_desk.services.reports.recovery import FirstAttempts, Owed, Recovery, with_payments
from agent_desk.services.reports.satisfaction import Scores, whole
from agent_desk.services.reports.staffing import (
    MICROSECOND,
    DayStaff,
    Stay,
    hours,
    operator_days,
    staff_by_day,
)
from agent_desk.services.rules.calendar import closed_days
from agent_desk.store.campaigns import tariffs
from agent_desk.store.facts import achievements as of_facts
from agent_desk.store.facts.achievements import Came
from agent_desk.store.facts.reading import Facts
from agent_desk.store.people import access
from agent_desk.store.reports import achievements, charges, presence, recoveries
from agent_desk.store.reports.achievements import Promised, Reached, Scope
from agent_desk.store.reports.charges import TalksOf
from agent_desk.store.reports.presence import Presence
from agent_desk.store.satisfaction import figures
from agent_desk.store.unit_of_work import Session

APPOINTMENT = "appointment"
CONTACT = "contact"
_DAY_MINUTES = 24 * 60


@dataclass(frozen=True)
class Question:
    """A period of Japanese days, both included, and whose; `now`: what is later has not been.
    Calls and times come out of `facts`, as of when those were made, or else out of the rows."""

    first: date
    last: date
    scope: Scope
    now: datetime
    facts: Facts | None = field(default=None, repr=False, compare=False)

    @property
    def as_of(self) -> datetime:
        """When what is counted was so."""
        return self.now if self.facts is None else self.facts.as_of

    @property
    def days(self) -> list[date]:
        """Every day of it."""
        length = (self.last - self.first).days + 1
        return [self.first + timedelta(days=number) for number in range(length)]

    @property
    def start(self) -> datetime:
        """Its first instant."""
        return at(self.first, 0)

    @property
    def end(self) -> datetime:
        """The first instant after it."""
        return at(self.last, _DAY_MINUTES)


@dataclass(frozen=True)
class Measured:
    """All of a period but its costs. `statuses`: calls with a status on, by code."""

    asked: Question
    recovery: Recovery
    first_attempts: FirstAttempts
    reached: Reached
    promised: Promised
    statuses: Mapping[str, int]
    staff: tuple[DayStaff, ...]
    stays: tuple[Stay, ...]
    scores: Scores = field(default_factory=Scores)  # what customers gave at the end of calls

    @property
    def operator_days(self) -> int:
        """Each person once for each day."""
        return operator_days(self.staff)

    @property
    def achieved(self) -> Achieved:
        """What costs are divided by."""
        return Achieved(
            contacts=self.statuses.get(CONTACT, 0),
            verified=self.reached.verified,
            promises=self.promised.made,
            kept=self.promised.kept,
            collected_yen=self.recovery.collected_yen,
            appointments=self.statuses.get(APPOINTMENT, 0),
            payments=self.recovery.payments,
        )


# Told how far the work has come, between 0 and 1; it may raise to stop it.
Progress = Callable[[float], None]


def measure(session: Session, asked: Question) -> Measured:
    """What a period brought, and who was at work."""
    scope = asked.scope
    stays = tuple(
        Stay(each.user_id, each.began, each.ended) for each in _presences(session, asked, scope)
    )
    brought = came(session, asked)
    return Measured(
        asked=asked,
        recovery=_recovery(session, asked),
        first_attempts=FirstAttempts(*brought.first),
        reached=brought.reached,
        promised=achievements.promises(session, asked.start, asked.end, scope),
        statuses=brought.statuses,
        staff=tuple(staff_by_day(stays, asked.days, brought.dials)),
        stays=stays,
        scores=whole(figures.counts(session, _scored(asked))),
    )


def came(session: Session, asked: Question) -> Came:
    """What the attempts of a period came to."""
    span = (asked.start, asked.end, asked.scope)
    if asked.facts is not None:
        return of_facts.came(asked.facts, session, *span)
    return Came(
        reached=achievements.reached(session, *span),
        statuses=achievements.with_status(session, *span),
        dials=achievements.by_day(session, *span),
        first=recoveries.first_attempts(session, asked.first, asked.last, asked.scope),
    )


def _presences(session: Session, asked: Question, scope: Scope) -> list[Presence]:
    if asked.facts is not None:
        return of_facts.presences(asked.facts, session, asked.start, asked.end, scope)
    whose: Any = {"campaign_id": scope.campaign_id, "teams": scope.teams}
    return presence.presences(session, asked.start, asked.end, now=asked.now, **whose)


def _scored(asked: Question) -> figures.Wanted:
    scope = asked.scope
    return figures.Wanted(asked.start, asked.end, scope.teams, scope.campaign_id)


def costs_of(session: Session, measured: Measured, progress: Progress) -> Costs:
    """What the period cost: of one campaign its own hours and calls, and its share of the fees."""
    asked = measured.asked
    rates = rates_of(session)
    national = _national(asked.days)
    worked = hours(measured.stays, holidays(rates, asked.days, national))
    lines, unpaid = labour(worked, rates)
    calls_sen, unpriced, used = _calls(session, asked, progress)
    found = Costs(
        labour=lines,
        calls_sen=calls_sen,
        fees_yen=_fees(session, asked, used),
        monthly_yen=monthly(asked.days, rates),
        unpriced=unpriced,
        unpaid=unpaid,
    )
    return found if asked.scope.campaign_id is None else _shared(session, measured, found)


def rates_in_force(session: Session, asked: Question) -> list[Rates]:
    """The versions any day of the period is priced by, in order."""
    from_on = rates_of(session)
    newest = {each.from_on: each for each in from_on}
    begun = sorted(newest)
    older = [day for day in begun if day <= asked.first]
    kept = {older[-1]} if older else set()
    kept |= {day for day in begun if asked.first < day <= asked.last}
    return [newest[day] for day in sorted(kept)]


def _recovery(session: Session, asked: Question) -> Recovery:
    scope = asked.scope
    owing = recoveries.owing(session, asked.first, asked.last, scope)
    delinquent, cured = recoveries.cured(session, asked.first, asked.last, scope)
    before = Recovery(
        accounts=owing.accounts, owed_yen=owing.owed_yen, delinquent=delinquent, cured=cured
    )
    paid = recoveries.paid_since(session, asked.first, asked.last, scope)
    owed = (Owed(each.assigned_on, each.counted, each.paid) for each in paid)
    return with_payments(before, owed, asked.first, asked.last)


def _calls(
    session: Session, asked: Question, progress: Progress
) -> tuple[int, int, dict[date, set[int]]]:
    """(sen, answered calls without a price, by month the tariffs calls were made under)."""
    versions = tariffs.versions_of(session)
    sen = unpriced = 0
    used: dict[date, set[int]] = defaultdict(set)
    for number, day in enumerate(asked.days, start=1):
        for each in charges.talks(session, day, at(day, 0), at(day, _DAY_MINUTES)):
            if each.tariff_id is not None:
                used[day.replace(day=1)].add(each.tariff_id)
            if asked.scope.campaign_id not in (None, each.campaign_id):
                continue
            price = _price(versions, each)
            sen += 0 if price is None else price * each.talks.calls
            unpriced += each.talks.calls if price is None else 0
        progress(number / len(asked.days))
    return sen, unpriced, used


def _price(versions: Mapping[int, Sequence[Version]], each: TalksOf) -> int | None:
    """Of one call of these, in sen."""
    if each.tariff_id is None:
        return None
    version = version_on(versions.get(each.tariff_id, ()), each.talks.day)
    if version is None:
        return None
    return charge_sen(version.terms, each.talks.line, each.talks.seconds)


def _fees(session: Session, asked: Question, used: Mapping[date, set[int]]) -> int:
    """Monthly fees of the tariffs that calls were made under, for the days of each month."""
    versions = tariffs.versions_of(session)
    fees = {
        month: sum(_month_fee(session, versions[each], month) for each in ids)
        for month, ids in used.items()
    }
    return share_of_months(asked.days, fees)


def _month_fee(session: Session, versions: Sequence[Version], month: date) -> int:
    days = days_of_month(month)
    start, end = at(days[0], 0), at(days[-1], _DAY_MINUTES)
    heads = Heads(0, 0, 0)
    if any(version.terms.seat_yen for version in versions):
        most = charges.most_seats_at_once(session, start, end)
        people = charges.operators(session, start, end)
        booths = access.every(session).get("house", {}).get("booths")
        heads = Heads(terminal=most, booth=booths or most, id=people)
    found = bill(versions, days, heads, ())
    return 0 if found is None else found.basic_yen + found.seats_yen


def _shared(session: Session, measured: Measured, found: Costs) -> Costs:
    """The campaign's share of what is paid by the month: its time logged in ÷ everybody's."""
    asked = measured.asked
    everybody = _presences(session, asked, Scope())
    whole = sum((each.ended - each.began for each in everybody), timedelta())
    own = sum((each.ended - each.began for each in measured.stays), timedelta())
    share = Fraction(own // MICROSECOND, whole // MICROSECOND) if whole else Fraction()
    return replace(
        found,
        fees_yen=rounded(found.fees_yen * share),
        monthly_yen=rounded(found.monthly_yen * share),
    )


def _national(days: Sequence[date]) -> frozenset[date]:
    return frozenset().union(*(closed_days(year) for year in {day.year for day in days}))
