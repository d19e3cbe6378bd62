"""How many calls of a period had their result corrected: what every report says beside "as of"."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import BigInteger, ColumnElement, func, literal_column, select, type_coerce
from sqlalchemy.orm import Session

from agent_desk.models.base import to_microseconds
from agent_desk.models.calls import Attempt, Call
from agent_desk.models.results import Result
from agent_desk.store.reports.scope import of_campaigns

# Said literally: a database must see that the index of corrections holds all it is asked for.
FIRST: ColumnElement[int] = literal_column("1")


def calls(
    session: Session,
    start: datetime,
    end: datetime,
    *,
    teams: Collection[int] | None,
    campaign_id: int | None = None,
    user_id: int | None = None,
) -> int:
    """Calls leased in [start, end) whose result has a later version; of one operator's calls with
    `user_id`."""
    # A sum has no index: corrections are few and come first, not the million calls of a month.
    leased = type_coerce(Attempt.leased_at, BigInteger) + 0
    held: list[ColumnElement[bool]] = [
        Result.version > FIRST,
        Result.at >= start,
        leased >= to_microseconds(start),
        leased < to_microseconds(end),
        *of_campaigns(Result.campaign_id, teams=teams, campaign_id=campaign_id),
    ]
    query = select(func.count(Result.call_id.distinct())).join(
        Attempt, Attempt.id == Result.call_id
    )
    if user_id is not None:
        query = query.join(Call, Call.id == Result.call_id)
        held.append(Call.seat_user_id == user_id)
    return session.scalar(query.where(*held)) or 0
