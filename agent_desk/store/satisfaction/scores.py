"""Customers who were to be asked for a score, and what came of it: at most one row per call."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from agent_desk.dialer import events
from agent_desk.dialer.ids import CustomerId
from agent_desk.models.calls import Call
from agent_desk.models.satisfaction import CallScore
from agent_desk.store.rows.context import RowContext

NOT_ASKED = ("skipped", "failed")  # the customer heard no question


def last_asked(session: Session, customer_id: CustomerId, *, since: datetime) -> datetime | None:
    """When this person was asked last, after `since`."""
    return session.scalar(
        select(func.max(CallScore.asked_at)).where(
            CallScore.customer_id == customer_id,
            CallScore.asked_at > since,
            CallScore.state.not_in(NOT_ASKED),
        )
    )


def add_past(
    session: Session,
    call_id: str,
    *,
    campaign_id: int,
    customer_id: int | None,
    user_id: int,
    score: int | None,
    asked_at: datetime,
    answered_at: datetime,
) -> None:
    """A question of the past and its answer; None: no key was pressed."""
    session.execute(
        insert(CallScore).values(
            call_id=call_id,
            campaign_id=campaign_id,
            customer_id=customer_id,
            user_id=user_id,
            state="silent" if score is None else "answered",
            asked_at=asked_at,
            question="",
            score=score,
            via=None if score is None else "key",
            tries=1,
            answered_at=None if score is None else answered_at,
        )
    )


# --- writers of events ---------------------------------------------------------------------------


def write_asked(context: RowContext, event: events.ScoreAsked) -> None:
    """Who is being asked, or was not; a desk that started anew may say so twice."""
    session = context.session
    if session.scalar(select(CallScore.call_id).where(CallScore.call_id == event.call_id)):
        return
    session.execute(
        insert(CallScore).values(
            call_id=event.call_id,
            campaign_id=event.campaign_id,
            customer_id=event.customer_id,
            user_id=event.user_id,
            state="skipped" if event.skipped else "asking",
            asked_at=event.at,
            question=event.question,
            tries=0,
        )
    )


def write_given(context: RowContext, event: events.ScoreGiven) -> None:
    """What the customer said to it; the first word on it stands."""
    answered = event.score is not None
    context.session.execute(
        update(CallScore)
        .where(CallScore.call_id == event.call_id, CallScore.state == "asking")
        .values(
            state=event.outcome,
            score=event.score,
            via="key" if answered else None,
            tries=event.tries,
            answered_at=event.at if answered else None,
        )
    )


def write_line_freed(context: RowContext, event: events.LineFreed) -> None:
    """What the line costs is counted to its real end; the first word on that stands."""
    context.session.execute(
        update(Call)
        .where(Call.id == event.call_id, Call.ended_at < event.at, Call.line_ended_at.is_(None))
        .values(line_ended_at=event.at)
    )
