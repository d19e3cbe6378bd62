"""What the pages keep of today, read once at start: moves, marks, promises, drafts.

The day's figures are made by the same code from these rows as from the events that follow.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import BigInteger, case, func, select, type_coerce
from sqlalchemy.orm import Session

from agent_desk.dialer.events import Event, PromiseMade, SeatMoved, StatusMarked
from agent_desk.dialer.ids import CallId, CampaignId, CustomerId, SeatId, UserId
from agent_desk.dialer.promises import Promised
from agent_desk.dialer.promises import PromisePart as PlannedPart
from agent_desk.models.base import from_microseconds
from agent_desk.models.calls import Attempt, AttemptOutcome, Call
from agent_desk.models.results import NoteDraft, Promise, PromisePart, StatusMark
from agent_desk.models.seat_moves import SeatMove
from agent_desk.store.campaigns import training
from agent_desk.store.sealing import Sealer

_MINUTE = 60_000_000  # microseconds


def events_since(session: Session, midnight: datetime) -> list[Event]:
    """Today's moves (with the last one before, which the day began in), then marks and promises
    as they were made: what counts them remembers one call of an operator at a time."""
    made: list[StatusMarked | PromiseMade] = [
        *_marks(session, midnight),
        *_promises(session, midnight),
    ]
    return [*_moves(session, midnight), *sorted(made, key=lambda event: event.at)]


def answers_since(
    session: Session, since: datetime, *, but: Collection[str]
) -> list[tuple[CampaignId, datetime, int, int]]:
    """By campaign and minute, oldest first: attempts of ours that ended, and live answers.

    `but`: outcomes that are not counted.
    """
    minute = type_coerce(AttemptOutcome.at, BigInteger) // _MINUTE
    query = (
        select(
            AttemptOutcome.campaign_id,
            minute,
            func.count(),
            func.sum(case((AttemptOutcome.live_answer, 1), else_=0)),
        )
        .join(Attempt, Attempt.id == AttemptOutcome.attempt_id)
        .where(
            AttemptOutcome.at >= since,
            AttemptOutcome.outcome.not_in(but),
            Attempt.inbound.is_(False),
        )
        .group_by(AttemptOutcome.campaign_id, minute)
        .order_by(minute)
    )
    return [
        (CampaignId(row[0]), from_microseconds(int(row[1]) * _MINUTE), row[2], int(row[3]))
        for row in session.execute(query)
    ]


def drafts(session: Session, sealer: Sealer, call_ids: Sequence[str]) -> dict[CallId, str]:
    """The notes as typed so far, of these calls."""
    query = select(NoteDraft.call_id, NoteDraft.text_sealed).where(NoteDraft.call_id.in_(call_ids))
    return {CallId(call_id): sealer.open(text) for call_id, text in session.execute(query)}


def promises_of(session: Session, call_ids: Sequence[str]) -> dict[CallId, Promised]:
    """The open promise of each of these calls."""
    query = select(Promise).where(Promise.call_id.in_(call_ids), Promise.state == "open")
    found = {}
    for promise in session.scalars(query):
        rows = session.execute(
            select(PromisePart.due_on, PromisePart.amount_yen)
            .where(PromisePart.promise_id == promise.id)
            .order_by(PromisePart.position)
        ).all()
        parts = tuple(PlannedPart(day, yen or 0) for day, yen in rows) if len(rows) > 1 else ()
        promised = Promised(promise.due_on, promise.amount_yen, promise.method, parts)
        found[CallId(promise.call_id or "")] = promised
    return found


def _moves(session: Session, midnight: datetime) -> list[SeatMoved]:
    before = select(func.max(SeatMove.id)).where(SeatMove.at < midnight).group_by(SeatMove.user_id)
    query = (
        select(SeatMove)
        .where((SeatMove.at >= midnight) | SeatMove.id.in_(before.scalar_subquery()))
        .order_by(SeatMove.id)
    )
    return [
        SeatMoved(
            seat_id=SeatId(move.seat_id),
            user_id=UserId(move.user_id),
            from_state=move.from_state,
            to_state=move.to_state,
            reason=move.reason,
            cause=move.cause,
            call_id=CallId(move.call_id) if move.call_id and move.at >= midnight else None,
            campaign_id=CampaignId(move.campaign_id) if move.campaign_id else None,
            at=move.at,
        )
        for move in session.scalars(query)
    ]


def _marks(session: Session, midnight: datetime) -> list[StatusMarked]:
    query = select(StatusMark).where(
        StatusMark.at >= midnight, StatusMark.current, StatusMark.marked
    )
    return [
        StatusMarked(
            call_id=CallId(mark.call_id),
            seat_id=SeatId(""),
            user_id=UserId(mark.user_id),
            campaign_id=CampaignId(mark.campaign_id),
            code=mark.code,
            on=True,
            at=mark.at,
        )
        for mark in session.scalars(query)
    ]


def _promises(session: Session, midnight: datetime) -> list[PromiseMade]:
    query = (
        select(Promise)
        .outerjoin(Call, Call.id == Promise.call_id)
        .where(
            Promise.made_at >= midnight,
            Promise.state == "open",
            training.counts(Call.campaign_id),
        )
    )
    return [
        PromiseMade(
            call_id=CallId(promise.call_id),
            customer_id=CustomerId(promise.customer_id),
            user_id=UserId(promise.user_id),
            due_on=promise.due_on,
            amount_yen=promise.amount_yen,
            at=promise.made_at,
        )
        for promise in session.scalars(query)
        if promise.call_id and promise.user_id
    ]
