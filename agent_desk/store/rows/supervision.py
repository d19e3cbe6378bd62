"""Rows of leads in operators' calls; each use is in the audit trail as well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session, aliased

from agent_desk.dialer import events
from agent_desk.models.calls import Call
from agent_desk.models.supervision import Supervision
from agent_desk.models.users import User
from agent_desk.store import audit
from agent_desk.store.rows.context import RowContext


@dataclass(frozen=True)
class OpenSupervision:
    """One that was not over when the last row was written."""

    part_id: str
    lead: str
    user_id: int
    seat_id: str
    call_id: str
    campaign_id: int
    mode: str
    asked_at: datetime
    began_at: datetime | None


def asked(context: RowContext, event: events.SupervisionAsked) -> None:
    """A lead wants into a call, or to do something else there."""
    context.session.execute(
        insert(Supervision).values(
            id=event.part_id,
            user_id=event.user_id,
            seat_user_id=context.user_of(event.seat_id),
            call_id=event.call_id,
            campaign_id=event.campaign_id,
            mode=event.mode,
            followed=event.followed,
            asked_at=event.at,
        )
    )
    details = {"seat": event.seat_id, "mode": event.mode, "followed": event.followed}
    _audit(context, event, "supervision.asked", details)


def began(context: RowContext, event: events.SupervisionBegan) -> None:
    """From here on somebody is heard."""
    context.session.execute(
        update(Supervision).where(Supervision.id == event.part_id).values(began_at=event.at)
    )


def ended(context: RowContext, event: events.SupervisionEnded) -> None:
    """It is over, or never began."""
    values = {"ended_at": event.at, "cause": event.cause}
    context.session.execute(
        update(Supervision).where(Supervision.id == event.part_id).values(**values)
    )
    _audit(context, event, "supervision.ended", {"mode": event.mode, "cause": event.cause})


def taken_over(context: RowContext, event: events.CallTakenOver) -> None:
    """The operator may have the next call while the lead still talks on this one."""
    context.session.execute(
        update(Call).where(Call.id == event.call_id).values(taken_over_by=event.user_id)
    )
    _audit(context, event, "call.taken-over", {"seat": event.seat_id})


def still_open(session: Session) -> Sequence[OpenSupervision]:
    """Those a desk left when it stopped, oldest first."""
    lead, operator = aliased(User), aliased(User)
    query = (
        select(Supervision, lead.username, operator.username)
        .join(lead, lead.id == Supervision.user_id)
        .join(operator, operator.id == Supervision.seat_user_id)
        .where(Supervision.ended_at.is_(None))
        .order_by(Supervision.asked_at, Supervision.id)
    )
    return [
        OpenSupervision(
            part_id=row.id,
            lead=who,
            user_id=row.user_id,
            seat_id=seat_id,
            call_id=row.call_id,
            campaign_id=row.campaign_id,
            mode=row.mode,
            asked_at=row.asked_at,
            began_at=row.began_at,
        )
        for row, who, seat_id in session.execute(query)
    ]


def _audit(
    context: RowContext,
    event: events.SupervisionAsked | events.SupervisionEnded | events.CallTakenOver,
    action: str,
    details: dict[str, object],
) -> None:
    audit.append(
        context.session,
        at=event.at,
        actor=context.seat_of(int(event.user_id)),
        action=action,
        subject=f"call:{event.call_id}",
        details=details,
    )
