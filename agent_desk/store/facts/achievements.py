"""What the attempts of a period came to and who was at work, out of the facts;
`store/reports/{achievements,presence,recoveries}.py` say the same of rows.

Whole milliseconds of each talk stand for the microseconds of the rows, and a call that lives is
not there yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from agent_desk.models.base import from_microseconds
from agent_desk.models.users import User
from agent_desk.store.facts import months
from agent_desk.store.facts.figures import call_columns, scope_of
from agent_desk.store.facts.reading import Facts
from agent_desk.store.facts.segments import Column
from agent_desk.store.facts.status_sets import StatusSets
from agent_desk.store.reports.achievements import Reached, Scope
from agent_desk.store.reports.presence import Presence
from agent_desk.store.reports.recoveries import CONTACT

_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Came:
    """`statuses`: calls with a status on, by its code; `dials`: attempts placed, by day; `first`:
    first attempts of list entries, and those of them that came to a contact."""

    reached: Reached
    statuses: Mapping[str, int]
    dials: Mapping[date, int]
    first: tuple[int, int]


def came(facts: Facts, session: Session, start: datetime, end: datetime, scope: Scope) -> Came:
    """Of the attempts placed in [start, end)."""
    ours = scope_of(session, scope.campaign_id, scope.teams)
    read = call_columns(facts, start, end, ("placed", "ring_ms", "try_number", "entry"))
    enter = read["placed"] & ours.campaigns_in(read["campaign"])
    read = {name: column[enter] for name, column in read.items()}
    sets = StatusSets(facts.words("statuses"))
    first = (read["try_number"] == 1) & (read["entry"] > 0)
    days, numbers = np.unique(months.day_numbers(read["leased"]), return_counts=True)
    on = {code: int(sets.has(code)[read["statuses"]].sum()) for code in sets.codes}
    contact = sets.has(CONTACT)[read["statuses"]]
    talked = read["length_ms"][read["length_ms"] > 0]
    return Came(
        reached=Reached(
            attempts=len(read["leased"]),
            answered=int((read["ring_ms"] >= 0).sum()),
            bridged=int((read["bridged"] >= 0).sum()),
            verified=int(read["identity_ok"].sum()),
            talk=timedelta(milliseconds=int(talked.sum(dtype=np.int64))),
        ),
        statuses={code: count for code, count in on.items() if count},
        dials={
            _EPOCH + timedelta(days=day): count
            for day, count in zip(days.tolist(), numbers.tolist(), strict=True)
        },
        first=(int(first.sum()), int((first & contact).sum())),
    )


def presences(
    facts: Facts, session: Session, start: datetime, end: datetime, scope: Scope
) -> list[Presence]:
    """Everybody's time logged in within [start, end), by person and time; `scope.teams` are those
    people are in. Stays that follow each other without a gap are one."""
    end = min(end, facts.as_of)
    if end <= start:
        return []
    stays = facts.intervals(start, end, now=facts.as_of)
    enter = scope_of(session, scope.campaign_id, None).campaigns_in(stays["campaign"])
    if scope.teams is not None:
        theirs = select(User.id).where(User.team_id.in_(list(scope.teams)))
        enter &= np.isin(stays["user"], session.scalars(theirs).all())
    enter &= stays["ended"] > stays["began"]
    user, began, ended = (stays[name][enter] for name in ("user", "began", "ended"))
    order = np.lexsort((began, user))
    return _joined(user[order], began[order], ended[order])


def _joined(user: Column, began: Column, ended: Column) -> list[Presence]:
    apart = (user[1:] != user[:-1]) | (began[1:] != ended[:-1])
    begins = np.flatnonzero(np.append(True, apart)[: len(user)])
    ends = np.flatnonzero(np.append(apart, True)[-len(user) :]) if len(user) else begins
    return [
        Presence(whose, from_microseconds(first), from_microseconds(last))
        for whose, first, last in zip(
            user[begins].tolist(), began[begins].tolist(), ended[ends].tolist(), strict=True
        )
    ]
