"""The newest business instant anything in the database happened at."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from agent_desk.models.audit import AuditRow
from agent_desk.models.calls import Attempt, AttemptOutcome
from agent_desk.models.campaigns import Campaign
from agent_desk.models.customers import Customer
from agent_desk.models.results import StatusMark
from agent_desk.models.seat_moves import SeatMove
from agent_desk.models.system import CommandReply

# Tables that only grow: their last row is their newest.
_GROWING = (
    (SeatMove.id, SeatMove.at),
    (StatusMark.id, StatusMark.at),
    (AuditRow.id, AuditRow.at),
    (Customer.id, Customer.created_at),
)


def newest(session: Session) -> datetime | None:
    """None for a database in which nothing happened. Sessions go by real time and are left out."""
    found = [session.scalar(select(at).order_by(key.desc()).limit(1)) for key, at in _GROWING]
    found.append(session.scalar(select(func.max(CommandReply.at))))
    for campaign_id in session.scalars(select(Campaign.id)).all():
        found += [
            session.scalar(
                select(func.max(Attempt.leased_at)).where(Attempt.campaign_id == campaign_id)
            ),
            session.scalar(
                select(func.max(AttemptOutcome.at)).where(AttemptOutcome.campaign_id == campaign_id)
            ),
        ]
    return max((instant for instant in found if instant is not None), default=None)
