"""When people were logged in, out of the moves of their seats.

People are asked for a few at a time: their moves lie side by side in an index, and a month of a
large house is read without touching other months. Only moves between being there and not being
there come out of the database.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import Session

from agent_desk.models.seat_moves import SeatMove
from agent_desk.models.users import User
from agent_desk.store.campaigns import training

_PEOPLE_AT_ONCE = 50


@dataclass(frozen=True)
class Presence:
    """One person there over [began, ended)."""

    user_id: int
    began: datetime
    ended: datetime


def presences(
    session: Session,
    start: datetime,
    end: datetime,
    *,
    now: datetime,
    campaign_id: int | None = None,
    teams: Collection[int] | None = None,
) -> list[Presence]:
    """Everybody's time logged in within [start, end), as far as it has passed.

    `campaign_id`: only while the seat was in that campaign; `teams`: of whom (None: all).
    Practice is left out, as in every figure.
    """
    end = min(end, now)
    people = select(User.id).order_by(User.id)
    if teams is not None:
        people = people.where(User.team_id.in_(list(teams)))
    ids = list(session.scalars(people))
    there = _there(campaign_id)
    found: list[Presence] = []
    for place in range(0, len(ids) if end > start else 0, _PEOPLE_AT_ONCE):
        some = ids[place : place + _PEOPLE_AT_ONCE]
        began = dict.fromkeys(_there_before(session, some, start, there), start)
        for user_id, at, comes in _turns(session, some, start, end, there):
            if comes:
                began.setdefault(user_id, at)
            elif user_id in began:
                found.append(Presence(user_id, began.pop(user_id), at))
        found += [Presence(user_id, since, end) for user_id, since in began.items()]
    return [each for each in found if each.began < each.ended]


def _there(campaign_id: int | None) -> ColumnElement[bool]:
    """Whether a seat is there after a move."""
    there = and_(SeatMove.to_state != "offline", training.counts(SeatMove.campaign_id))
    return there if campaign_id is None else and_(there, SeatMove.campaign_id == campaign_id)


def _there_before(
    session: Session, ids: Sequence[int], start: datetime, there: ColumnElement[bool]
) -> list[int]:
    """Who was there when the period began: one look into the index each."""
    last = (
        select(SeatMove.id)
        .where(SeatMove.user_id == User.id, SeatMove.at < start)
        .order_by(SeatMove.at.desc(), SeatMove.id.desc())
        .limit(1)
        .correlate(User)
        .scalar_subquery()
    )
    newest = select(last).select_from(User).where(User.id.in_(list(ids)))
    return list(session.scalars(select(SeatMove.user_id).where(SeatMove.id.in_(newest), there)))


def _turns(
    session: Session,
    ids: Sequence[int],
    start: datetime,
    end: datetime,
    there: ColumnElement[bool],
) -> Iterator[tuple[int, datetime, bool]]:
    """(person, when, whether they come) of each move that begins or ends being there."""
    state: Any = case((there, 1), else_=0)
    before = func.lag(state).over(
        partition_by=SeatMove.user_id, order_by=(SeatMove.at, SeatMove.id)
    )
    moves = (
        select(
            SeatMove.user_id,
            SeatMove.at,
            SeatMove.id,
            state.label("there"),
            before.label("before"),
        )
        .where(SeatMove.user_id.in_(list(ids)), SeatMove.at >= start, SeatMove.at < end)
        .subquery()
    )
    query = (
        select(moves.c.user_id, moves.c.at, moves.c.there)
        .where(moves.c.before.is_(None) | (moves.c.before != moves.c.there))
        .order_by(moves.c.user_id, moves.c.at, moves.c.id)
    )
    for user_id, at, comes in session.execute(query):
        yield user_id, at, bool(comes)
