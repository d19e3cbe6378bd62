"""How many promises people took in a period that still stand."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import BigInteger, Select, func, select, type_coerce
from sqlalchemy.orm import Session

from agent_desk.models.base import to_microseconds
from agent_desk.models.calls import Attempt, Call
from agent_desk.models.results import Promise
from agent_desk.store.campaigns import training


def made(
    session: Session,
    start: datetime,
    end: datetime,
    campaign_id: int | None,
    person: int | None,
) -> dict[int, int]:
    """Promises of the period that were neither withdrawn nor replaced, by who took them."""
    of_all = _promises(person).where(Promise.made_at >= start, Promise.made_at < end)
    if campaign_id is not None:
        theirs = of_all.join(Call, Call.id == Promise.call_id)
        theirs = theirs.where(Call.campaign_id == campaign_id, training.counts(Call.campaign_id))
        return {int(row[0] or 0): row[1] for row in session.execute(theirs)}
    found = {int(row[0] or 0): row[1] for row in session.execute(of_all)}
    practice = training.ids(session)
    if practice:
        for row in session.execute(_practised(practice, start, end, person)):
            found[int(row[0] or 0)] -= row[1]
    return {user: count for user, count in found.items() if count}


def _promises(person: int | None) -> Select[int | None, int]:
    return (
        select(Promise.user_id, func.count())
        .where(
            Promise.state.not_in(("withdrawn", "replaced")),
            Promise.user_id.is_not(None),
            Promise.call_id.is_not(None),
            *(() if person is None else (Promise.user_id == person,)),
        )
        .group_by(Promise.user_id)
    )


def _practised(
    campaigns: Collection[int], start: datetime, end: datetime, person: int | None
) -> Select[int | None, int]:
    """Those taken in practice. Its calls are few and come first: a sum has no index, so a month's
    promises are not looked up call by call."""
    made_at = type_coerce(Promise.made_at, BigInteger) + 0
    calls = select(Attempt.id).where(Attempt.campaign_id.in_(sorted(campaigns)))
    return _promises(person).where(
        Promise.call_id.in_(calls),
        made_at >= to_microseconds(start),
        made_at < to_microseconds(end),
    )
