"""Rooms and the desks operators have in them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session, aliased

from agent_desk.models.floor_plans import FloorPlace, FloorRoom
from agent_desk.models.users import User


@dataclass(frozen=True)
class RoomRow:
    """One room, a grid of desks."""

    room_id: int
    name: str
    rows: int
    columns: int


@dataclass(frozen=True)
class PlaceRow:
    """Where one operator sits, and who said so when."""

    username: str
    team_id: int | None
    room_id: int
    row: int
    column: int
    by: str
    by_name: str
    at: datetime


def rooms(session: Session) -> list[RoomRow]:
    """Every room, in the order they were made."""
    query = select(
        FloorRoom.id, FloorRoom.name, FloorRoom.row_count, FloorRoom.column_count
    ).order_by(FloorRoom.id)
    return [RoomRow(*row) for row in session.execute(query)]


def places(session: Session) -> list[PlaceRow]:
    """Where everybody sits who may still log in."""
    operator, lead = aliased(User), aliased(User)
    query = (
        select(
            operator.username,
            operator.team_id,
            FloorPlace.room_id,
            FloorPlace.desk_row,
            FloorPlace.desk_column,
            lead.username,
            lead.name,
            FloorPlace.placed_at,
        )
        .join(operator, operator.id == FloorPlace.user_id)
        .join(lead, lead.id == FloorPlace.placed_by_user_id)
        .where(operator.enabled, operator.role == "operator")
        .order_by(operator.username)
    )
    return [PlaceRow(*row) for row in session.execute(query)]


def takes(session: Session, room: RoomRow) -> bool:
    """Whether no other room has this name."""
    query = select(FloorRoom.id).where(FloorRoom.name == room.name, FloorRoom.id != room.room_id)
    return session.scalar(query) is None


def there_is(session: Session, room_id: int) -> bool:
    """Whether there is such a room still."""
    return session.scalar(select(FloorRoom.id).where(FloorRoom.id == room_id)) is not None


def next_room_id(session: Session) -> int:
    """The id the next room is given."""
    return (session.scalar(select(func.max(FloorRoom.id))) or 0) + 1


def add_room(session: Session, room: RoomRow, *, by_user_id: int, at: datetime) -> None:
    """Write a new room."""
    session.execute(
        insert(FloorRoom).values(
            id=room.room_id,
            name=room.name,
            row_count=room.rows,
            column_count=room.columns,
            made_by_user_id=by_user_id,
            made_at=at,
        )
    )


def change_room(session: Session, room: RoomRow) -> None:
    """Another name or size."""
    session.execute(
        update(FloorRoom)
        .where(FloorRoom.id == room.room_id)
        .values(name=room.name, row_count=room.rows, column_count=room.columns)
    )


def remove_room(session: Session, room_id: int) -> None:
    """The room, and every place in it."""
    session.execute(delete(FloorPlace).where(FloorPlace.room_id == room_id))
    session.execute(delete(FloorRoom).where(FloorRoom.id == room_id))


def place(
    session: Session,
    user_id: int,
    *,
    room_id: int,
    row: int,
    column: int,
    by_user_id: int,
    at: datetime,
) -> None:
    """Give an operator a desk instead of the one they had."""
    unplace(session, [user_id])
    session.execute(
        insert(FloorPlace).values(
            user_id=user_id,
            room_id=room_id,
            desk_row=row,
            desk_column=column,
            placed_by_user_id=by_user_id,
            placed_at=at,
        )
    )


def unplace(session: Session, user_ids: Collection[int]) -> None:
    """Take operators off the plan."""
    session.execute(delete(FloorPlace).where(FloorPlace.user_id.in_(user_ids)))
