"""Which recordings may be left on answering machines, and where one was left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, insert, or_, select, update
from sqlalchemy.orm import Session

from agent_desk.dialer import events
from agent_desk.dialer.ids import CampaignId, CustomerId, PhoneId
from agent_desk.models.customers import Phone
from agent_desk.models.messages import CallMessage, MessageApproval
from agent_desk.store import audit
from agent_desk.store.rows.context import RowContext


@dataclass(frozen=True)
class ApprovalRow:
    """Who lets what be said; no hash: nothing."""

    sha256: str
    text: str
    duration_ms: int
    by: str
    at: datetime


def approved(session: Session) -> dict[CampaignId, str]:
    """The SHA-256 of the recording each campaign's newest approval is for; "" when withdrawn."""
    newest = select(func.max(MessageApproval.id)).group_by(MessageApproval.campaign_id)
    query = select(MessageApproval.campaign_id, MessageApproval.sha256).where(
        MessageApproval.id.in_(newest)
    )
    return {CampaignId(campaign_id): sha256 for campaign_id, sha256 in session.execute(query)}


def newest(session: Session, campaign_id: int) -> ApprovalRow | None:
    """What was decided last of a campaign's recording; None: nothing yet."""
    query = (
        select(MessageApproval)
        .where(MessageApproval.campaign_id == campaign_id)
        .order_by(MessageApproval.id.desc())
        .limit(1)
    )
    row = session.scalar(query)
    if row is None:
        return None
    return ApprovalRow(row.sha256, row.text, row.duration_ms, row.by, row.at)


def approve(
    session: Session,
    campaign_id: int,
    *,
    sha256: str,
    text: str,
    duration_ms: int,
    by: str,
    at: datetime,
) -> None:
    """One more approval, or the end of one (no hash)."""
    session.execute(
        insert(MessageApproval).values(
            campaign_id=campaign_id,
            sha256=sha256,
            text=text,
            duration_ms=duration_ms,
            by=by,
            at=at,
        )
    )


def last_left(session: Session, customer_id: CustomerId, *, since: datetime) -> datetime | None:
    """When this person was left one last, after `since`; one nobody reported on counts."""
    return session.scalar(
        select(func.max(CallMessage.asked_at)).where(
            CallMessage.customer_id == customer_id,
            CallMessage.asked_at > since,
            may_be_heard(),
        )
    )


def may_be_heard() -> ColumnElement[bool]:
    """That something of a message was said; or nobody reported what."""
    return or_(CallMessage.ended_at.is_(None), CallMessage.played_ms > 0)


def kind_of(session: Session, phone_id: PhoneId) -> str | None:
    """What kind of telephone it is."""
    return session.scalar(select(Phone.kind).where(Phone.id == phone_id))


# --- writers of events ---------------------------------------------------------------------------


def write_approved(context: RowContext, event: events.MessageApproved) -> None:
    """Keep who answers for which recording."""
    approve(
        context.session,
        int(event.campaign_id),
        sha256=event.sha256,
        text=event.text,
        duration_ms=event.duration_ms,
        by=event.by,
        at=event.at,
    )


def write_asked(context: RowContext, event: events.MessageAsked) -> None:
    """Whom an operator left one."""
    context.session.execute(
        insert(CallMessage).values(
            call_id=event.call_id,
            customer_id=event.customer_id,
            campaign_id=event.campaign_id,
            user_id=event.user_id,
            sha256=event.recording,
            asked_at=event.at,
        )
    )
    audit.append(
        context.session,
        at=event.at,
        actor=context.seat_of(int(event.user_id)),
        action="call.message",
        subject=f"call:{event.call_id}",
        details={"sha256": event.recording},
    )


def write_left(context: RowContext, event: events.MessageLeft) -> None:
    """How much of it was said; the first word on it stands."""
    context.session.execute(
        update(CallMessage)
        .where(CallMessage.call_id == event.call_id, CallMessage.ended_at.is_(None))
        .values(played_ms=event.played_ms, whole=event.whole, ended_at=event.at)
    )
