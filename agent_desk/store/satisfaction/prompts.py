"""Which recordings may be played to a campaign's customers, by what each is for."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from agent_desk.dialer import events
from agent_desk.dialer.ids import CampaignId
from agent_desk.models.satisfaction import PromptApproval
from agent_desk.store.rows.context import RowContext
from agent_desk.store.rules.messages import ApprovalRow


def approved(session: Session) -> dict[tuple[CampaignId, str], str]:
    """The SHA-256 of the recording the newest approval is for, by campaign and kind; "" when it
    was withdrawn."""
    newest = select(func.max(PromptApproval.id)).group_by(
        PromptApproval.campaign_id, PromptApproval.kind
    )
    query = select(PromptApproval.campaign_id, PromptApproval.kind, PromptApproval.sha256).where(
        PromptApproval.id.in_(newest)
    )
    return {(CampaignId(row[0]), row[1]): row[2] for row in session.execute(query)}


def newest(session: Session, campaign_id: int, kind: str) -> ApprovalRow | None:
    """What was decided last of one of a campaign's recordings; None: nothing yet."""
    query = (
        select(PromptApproval)
        .where(PromptApproval.campaign_id == campaign_id, PromptApproval.kind == kind)
        .order_by(PromptApproval.id.desc())
        .limit(1)
    )
    row = session.scalar(query)
    if row is None:
        return None
    return ApprovalRow(row.sha256, row.text, row.duration_ms, row.by, row.at)


def approve(
    session: Session,
    campaign_id: int,
    kind: str,
    *,
    sha256: str,
    text: str,
    duration_ms: int,
    by: str,
    at: datetime,
) -> None:
    """One more approval, or the end of one (no hash)."""
    session.execute(
        insert(PromptApproval).values(
            campaign_id=campaign_id,
            kind=kind,
            sha256=sha256,
            text=text,
            duration_ms=duration_ms,
            by=by,
            at=at,
        )
    )


def write_approved(context: RowContext, event: events.PromptApproved) -> None:
    """Keep who answers for which recording."""
    approve(
        context.session,
        int(event.campaign_id),
        event.kind,
        sha256=event.sha256,
        text=event.text,
        duration_ms=event.duration_ms,
        by=event.by,
        at=event.at,
    )
