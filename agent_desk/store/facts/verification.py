"""Are the facts what the rows say? Some days are counted both ways, for `audit`.

Days that are over, the newest and some others by lot: the report of operators and the funnel, each
once out of the facts and once by SQL. A day on which something was changed since the facts were
made is left for the next time; the facts will follow in a moment.
"""

from __future__ import annotations

import random
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from agent_desk.dialer.business_time import at as instant_of
from agent_desk.dialer.business_time import business_date
from agent_desk.models.calls import Attempt
from agent_desk.models.results import StatusMark
from agent_desk.store.facts import figures, rows
from agent_desk.store.facts.layout import CALLS, INTERVALS
from agent_desk.store.facts.reading import Facts
from agent_desk.store.invariants.violation import Violation
from agent_desk.store.reports import figures as reporting

NAME = "facts"
AT_ONCE = 500


def check(facts: Facts, session: Session, *, days: int, seed: int) -> list[Violation]:
    """What differs, by day; `days` are looked at, chosen by `seed`."""
    if not facts.whole:
        return []
    changed = _changed_days(facts, session)
    found = []
    for day in _chosen(facts, days, seed):
        if day in changed:
            continue
        start, end = instant_of(day, 0), instant_of(day + timedelta(days=1), 0)
        told = figures.operators(facts, session, start, end, now=facts.as_of)
        counted = reporting.operators(session, start, end, now=facts.as_of)
        if told != counted:
            text = "operators' figures are not what the rows say"
            found.append(Violation(NAME, text, (day.isoformat(),)))
        if figures.funnel(facts, session, start, end) != reporting.funnel(session, start, end):
            text = "the funnel is not what the rows say"
            found.append(Violation(NAME, text, (day.isoformat(),)))
    return found


def _chosen(facts: Facts, days: int, seed: int) -> list[date]:
    """The day before that of the facts, and others of the months there are."""
    last = business_date(facts.as_of) - timedelta(days=1)
    known = sorted({*facts.months(CALLS), *facts.months(INTERVALS)})
    if not known:
        return []
    first = date.fromisoformat(f"{known[0]}-01")
    every = [last - timedelta(days=back) for back in range((last - first).days + 1)]
    if len(every) <= days:
        return every
    return [last, *random.Random(seed).sample(every[1:], days - 1)]


def _changed_days(facts: Facts, session: Session) -> set[date]:
    """Days of calls that were changed since, and of their marks."""
    known, ended = facts.read_up_to
    calls = sorted(rows.changed_since(session, known, ended, rows.newest_ids(session)))
    found: set[date] = set()
    for first in range(0, len(calls), AT_ONCE):
        some = calls[first : first + AT_ONCE]
        for column, query in (
            (Attempt.leased_at, Attempt.id.in_(some)),
            (StatusMark.at, StatusMark.call_id.in_(some)),
        ):
            found |= {business_date(at) for at in session.scalars(select(column).where(query))}
    return found
