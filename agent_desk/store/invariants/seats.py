"""Invariants of seats and of what operators record: I1, I7, I8, I10."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from agent_desk.models.calls import Call
from agent_desk.models.results import Result
from agent_desk.models.seat_moves import SeatMove
from agent_desk.models.system import CommandReply
from agent_desk.models.users import User
from agent_desk.store.invariants.violation import Violation

_WITH_CALL = ("reserved", "talking", "hold")


def one_live_call_per_seat(session: Session, newest: datetime) -> list[Violation]:
    """I1: by the schema; asked all the same, for the index could be missing."""
    query = (
        select(Call.seat_user_id)
        .where(Call.live, Call.seat_user_id.is_not(None), Call.taken_over_by.is_(None))
        .group_by(Call.seat_user_id)
        .having(func.count() > 1)
    )
    found = []
    for user_id in session.scalars(query).all():
        own = (Call.live, Call.seat_user_id == user_id, Call.taken_over_by.is_(None))
        ids = session.scalars(select(Call.id).where(*own))
        found.append(Violation("I1", f"user {user_id} has several live calls", tuple(ids)))
    return found


def seat_and_call_agree(session: Session, newest: datetime) -> list[Violation]:
    """I1: a seat that is reserved, talking or holding has that live call; a bridged call its seat.

    Seat and call are moved in one transaction, so no crash can part them.
    """
    last = (
        select(SeatMove.id)
        .where(SeatMove.user_id == User.id)
        .order_by(SeatMove.at.desc(), SeatMove.id.desc())
        .limit(1)
        .correlate(User)
        .scalar_subquery()
    )
    moves = list(
        session.scalars(select(SeatMove).where(SeatMove.id.in_(select(last).select_from(User))))
    )
    held = {move.call_id: move for move in moves if move.to_state in _WITH_CALL}
    live = {
        call.id: call
        for call in session.scalars(
            select(Call).where(
                Call.live, Call.seat_user_id.is_not(None), Call.taken_over_by.is_(None)
            )
        )
    }
    found = []
    for call_id, move in held.items():
        call = live.get(call_id or "")
        if call is None or call.seat_user_id != move.user_id:
            text = f"{move.seat_id} is {move.to_state} with a call that is not live there"
            found.append(Violation("I1", text, (str(call_id), f"seat_move:{move.id}")))
    for call in live.values():
        if call.id not in held:
            text = f"{call.state}, but user {call.seat_user_id} is not on it"
            found.append(Violation("I1", text, (call.id,)))
    return found


def every_conversation_has_its_result(session: Session, newest: datetime) -> list[Violation]:
    """I7: a wrap-up that is over left a result, and result versions follow without a gap."""
    without = (
        select(SeatMove.call_id, SeatMove.id)
        .outerjoin(Result, Result.call_id == SeatMove.call_id)
        .where(
            SeatMove.from_state == "wrap_up",
            SeatMove.to_state.not_in(("wrap_up", "offline")),
            SeatMove.call_id.is_not(None),
            Result.id.is_(None),
        )
    )
    found = [
        Violation("I7", "wrap-up ended without a result", (str(call_id), f"seat_move:{move_id}"))
        for call_id, move_id in session.execute(without)
    ]
    gaps = (
        select(Result.call_id)
        .group_by(Result.call_id)
        .having(or_(func.max(Result.version) != func.count(), func.min(Result.version) != 1))
    )
    found += [
        Violation("I7", "a version of the result is missing", (call_id,))
        for call_id in session.scalars(gaps)
    ]
    return found


def one_reply_per_command(session: Session, newest: datetime) -> list[Violation]:
    """I8: by the schema; asked all the same."""
    query = (
        select(CommandReply.command_id).group_by(CommandReply.command_id).having(func.count() > 1)
    )
    return [
        Violation("I8", "answered more than once", (command_id,))
        for command_id in session.scalars(query)
    ]


def states_follow_without_gap(session: Session, newest: datetime) -> list[Violation]:
    """I10: each move leaves the state the last one entered, not earlier; the first leaves offline.

    Then the intervals between log-in and log-out add up to it, without gap or overlap.
    """
    moves = select(
        SeatMove.id,
        SeatMove.user_id,
        SeatMove.from_state,
        SeatMove.at,
        _before(SeatMove.to_state).label("left"),
        _before(SeatMove.at).label("left_at"),
    ).subquery()
    query = select(moves.c.id, moves.c.user_id, moves.c.from_state, moves.c.left).where(
        or_(
            moves.c.from_state != func.coalesce(moves.c.left, "offline"),
            and_(moves.c.left_at.is_not(None), moves.c.at < moves.c.left_at),
        )
    )
    return [
        Violation(
            "I10",
            f"user {user_id} left {from_state} after {left or 'offline'}, or before it began",
            (f"seat_move:{move_id}",),
        )
        for move_id, user_id, from_state, left in session.execute(query)
    ]


def _before(column: Any) -> Any:
    """The same column of the person's last move before."""
    return func.lag(column).over(partition_by=SeatMove.user_id, order_by=SeatMove.id)
