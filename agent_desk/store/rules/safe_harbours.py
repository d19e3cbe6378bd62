"""Which recordings are approved for abandoned calls; each approval is a row that stays (R21)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from agent_desk.dialer.ids import CampaignId
from agent_desk.models.predictive import SafeHarbour
from agent_desk.store.rules.messages import ApprovalRow


def approved(session: Session) -> dict[CampaignId, str]:
    """The SHA-256 of the recording each campaign's newest approval is for; "" when withdrawn."""
    newest = select(func.max(SafeHarbour.id)).group_by(SafeHarbour.campaign_id)
    query = select(SafeHarbour.campaign_id, SafeHarbour.sha256).where(SafeHarbour.id.in_(newest))
    return {CampaignId(campaign_id): sha256 for campaign_id, sha256 in session.execute(query)}


def newest(session: Session, campaign_id: int) -> ApprovalRow | None:
    """What was decided last for a campaign; no hash: it was withdrawn."""
    query = select(SafeHarbour).where(SafeHarbour.campaign_id == campaign_id)
    row = session.scalar(query.order_by(SafeHarbour.id.desc()).limit(1))
    if row is None:
        return None
    return ApprovalRow(row.sha256, row.text, row.duration_ms, row.approved_by, row.approved_at)


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
    """One more approval, where no desk runs."""
    session.execute(
        insert(SafeHarbour).values(
            campaign_id=campaign_id,
            sha256=sha256,
            text=text,
            duration_ms=duration_ms,
            approved_by=by,
            approved_at=at,
        )
    )
