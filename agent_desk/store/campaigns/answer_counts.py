"""Live answers and abandoned ones by campaign and hour: what the rolling windows are made of."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import BigInteger, case, func, select, type_coerce
from sqlalchemy.orm import Session

from agent_desk.models.base import from_microseconds, to_microseconds
from agent_desk.models.calls import AttemptOutcome
from agent_desk.models.campaigns import Campaign

HOUR = timedelta(hours=1)
_HOUR_US = 3_600_000_000

Counted = dict[tuple[int, datetime], tuple[int, int]]  # (campaign, hour) → live, abandoned


def hour_of(instant: datetime) -> datetime:
    """The first instant of its hour."""
    return from_microseconds(to_microseconds(instant) // _HOUR_US * _HOUR_US)


def campaign_ids(session: Session) -> list[int]:
    """Every campaign's."""
    return list(session.scalars(select(Campaign.id).order_by(Campaign.id)))


def per_hour(
    session: Session, ids: list[int], *, after: datetime, until: datetime | None = None
) -> Counted:
    """Answers after an instant and up to another (None: all there are), by the hour they are of."""
    hour = type_coerce(AttemptOutcome.at, BigInteger) // _HOUR_US
    query = (
        select(
            AttemptOutcome.campaign_id,
            hour,
            func.count(),
            func.sum(case((AttemptOutcome.abandoned, 1), else_=0)),
        )
        # By campaign and instant there is an index.
        .where(AttemptOutcome.campaign_id.in_(ids), AttemptOutcome.at > after)
        .where(AttemptOutcome.live_answer)
        .group_by(AttemptOutcome.campaign_id, hour)
    )
    if until is not None:
        query = query.where(AttemptOutcome.at <= until)
    return {
        (campaign_id, from_microseconds(number * _HOUR_US)): (int(live), int(abandoned))
        for campaign_id, number, live, abandoned in session.execute(query)
    }
