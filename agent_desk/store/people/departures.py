"""Who is to leave the seat after the call in hand: kept, for a desk may stop in between."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from agent_desk.models.seat_moves import Departure
from agent_desk.models.users import User


def add(session: Session, username: str, *, at: datetime) -> None:
    """This person is to leave; a second time changes nothing."""
    user_id = session.scalar(select(User.id).where(User.username == username))
    if user_id is not None and session.get(Departure, user_id) is None:
        session.execute(insert(Departure).values(user_id=user_id, at=at))


def every(session: Session) -> set[str]:
    """The usernames of those who are to leave."""
    return set(session.scalars(select(User.username).join(Departure, Departure.user_id == User.id)))


def remove(session: Session, usernames: Collection[str]) -> None:
    """They have left, or have logged in again."""
    theirs = select(User.id).where(User.username.in_(usernames))
    session.execute(delete(Departure).where(Departure.user_id.in_(theirs)))
