"""What one campaign takes over from another: its buttons and what is said on its calls."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from agent_desk.models.campaigns import Campaign, Status
from agent_desk.store.campaigns import scripts, statuses

WORDS = ("script", "third_party_script", "vip_script", "retry")


def copy_words(session: Session, source_id: int, campaign_id: int) -> None:
    """Statuses, scripts and ladders of another campaign, as they are now."""
    columns = [getattr(Campaign, name) for name in WORDS]
    words = session.execute(select(*columns).where(Campaign.id == source_id)).one()
    session.execute(
        update(Campaign).where(Campaign.id == campaign_id).values(**dict(words._mapping))
    )
    rows = select(Status.__table__).where(Status.campaign_id == source_id)
    for row in session.execute(rows).all():
        values = {**row._mapping, "campaign_id": campaign_id}
        session.execute(insert(Status).values(**values))


def take_over_script(
    session: Session,
    source_id: int,
    campaign_id: int,
    *,
    audience: scripts.Audience,
    by: str,
    at: datetime,
) -> None:
    """Another campaign's script as the next version of this one's, as it was checked there."""
    known = scripts.versions(session, source_id, audience)
    _, text = scripts.current(session, source_id, audience)
    scripts.add(
        session,
        campaign_id,
        text=text,
        lint=known[0].lint if known else [],
        allowed=known[0].allowed if known else "",
        by=by,
        at=at,
        audience=audience,
    )


def take_over_statuses(session: Session, source_id: int, campaign_id: int) -> None:
    """Another campaign's buttons instead of one's own, which are kept for what was pressed."""
    theirs = session.execute(select(Status.__table__).where(Status.campaign_id == source_id)).all()
    session.execute(
        update(Status).where(Status.campaign_id == campaign_id).values(retired=True, hotkey=None)
    )
    for row in theirs:
        values = {k: v for k, v in row._mapping.items() if k not in ("campaign_id", "code")}
        statuses.put(session, campaign_id, row.code, values)
    own = [each.code for each in statuses.of_campaign(session, campaign_id)]
    codes = [row.code for row in sorted(theirs, key=lambda row: (row.retired, row.position))]
    statuses.arrange(session, campaign_id, [*codes, *(each for each in own if each not in codes)])
