"""What came of each campaign's calls since an instant: contacts, valid calls, promises."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from agent_desk.models.calls import Call
from agent_desk.models.results import Promise, StatusMark
from agent_desk.store.bulk_rows import Aside, here
from agent_desk.store.reports import valid_call_counts

COUNTED = ("contact", valid_call_counts.VALID)
PROMISES = "promises"


def since(session: Session, instant: datetime, aside: Aside) -> dict[int, dict[str, int]]:
    """By campaign; what is pressed, or what the campaign says that a valid call is.

    `aside` is where SQLite counts while others have their turn.
    """
    ask = aside if session.get_bind().dialect.name == "sqlite" else here
    marks = (
        select(StatusMark.campaign_id, StatusMark.code, func.count(StatusMark.call_id.distinct()))
        .where(
            StatusMark.at >= instant,
            StatusMark.current,
            StatusMark.marked,
            StatusMark.code.in_(COUNTED),
        )
        .group_by(StatusMark.campaign_id, StatusMark.code)
    )
    promises = (
        select(Call.campaign_id, func.count())
        .join(Promise, Promise.call_id == Call.id)
        .where(Promise.made_at >= instant, Promise.state == "open")
        .group_by(Call.campaign_id)
    )
    found: dict[int, dict[str, int]] = {}
    connection = session.connection()
    for campaign_id, code, count in ask(connection.execute, marks).all():
        found.setdefault(campaign_id, {})[code] = count
    for campaign_id, count in ask(connection.execute, promises).all():
        found.setdefault(campaign_id, {})[PROMISES] = count
    defined = valid_call_counts.of_campaigns(session, [Call.bridged_at >= instant])
    for campaign_id, count in defined.items():
        found.setdefault(campaign_id, {})[valid_call_counts.VALID] = count
    return found
