"""R12: in collections, how long a person is left alone after what came of the last attempts.

* 3 hours after an attempt, on them or on their number (a household hears every one of them);
* until the next business day, when someone else answered;
* after a talk with the person: until due date and grace of their promise have passed (the next
  attempt may be made the day after, as the retry ladder has it), without a promise 7 days.

Whoever asked to be called back (`CustomerFacts.callback_at`) is, from that instant on, until an
attempt has been made: that is what they want, and all other rules still hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from agent_desk.dialer.business_time import at, business_date
from agent_desk.dialer.rules.case import Block, Case
from agent_desk.dialer.rules.hours import DAY, SATURDAY, YEAR_END
from agent_desk.dialer.rules.profiles import PROFILES

AFTER_TALK = timedelta(days=7)


def rest(case: Case, now: datetime) -> Block | None:
    """R12."""
    if not PROFILES[case.campaign.kind].debts:
        return None
    until = max(_rests(case, now), default=None)
    if until is None or now >= until:
        return None
    asked = _asked(case)
    if asked is not None and asked < until:
        return Block("R12", asked) if now < asked else None
    return Block("R12", until)


def _rests(case: Case, now: datetime) -> Iterator[datetime]:
    kept = None
    promise = case.customer.promise_due
    if promise is not None:
        kept = at(promise + timedelta(days=case.campaign.grace_days + 1), 0)
        yield kept
    spacing = case.campaign.spacing
    for tried in case.ledger.number:
        if tried.weighs:
            yield tried.at + spacing
    for tried in case.ledger.person:
        if tried.weighs:
            yield tried.at + spacing
        if tried.third_party:
            yield _next_business_day(case, tried.at)
        if tried.talked and (kept is None or tried.at >= kept):
            yield tried.at + AFTER_TALK


def _asked(case: Case) -> datetime | None:
    """When they want to be called back; None once it has been tried."""
    asked = case.customer.callback_at
    if asked is None:
        return None
    tried = any(each.weighs and each.at >= asked for each in case.ledger.person)
    return None if tried else asked


def _next_business_day(case: Case, instant: datetime) -> datetime:
    day = business_date(instant) + DAY
    closed = case.campaign.closed_days
    while day.weekday() >= SATURDAY or day in closed or (day.month, day.day) in YEAR_END:
        day += DAY
    return at(day, 0)
