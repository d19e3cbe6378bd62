"""Rooms as leads drew them, and where in them operators sit."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from agent_desk.models.base import Base, Id


class FloorRoom(Base):
    """One room or floor: a grid of desks, counted from 1. Rooms are few and kept in order."""

    __tablename__ = "floor_rooms"
    __table_args__ = (
        CheckConstraint(
            "row_count BETWEEN 1 AND 50 AND column_count BETWEEN 1 AND 50", name="size"
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    row_count: Mapped[int]
    column_count: Mapped[int]
    made_by_user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    made_at: Mapped[datetime]


class FloorPlace(Base):
    """The desk of one operator. Who works other shifts may share it."""

    __tablename__ = "floor_places"
    __table_args__ = (
        CheckConstraint("desk_row BETWEEN 1 AND 50 AND desk_column BETWEEN 1 AND 50", name="desk"),
        Index("ix_floor_places_room_id", "room_id"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    room_id: Mapped[int] = mapped_column(ForeignKey("floor_rooms.id"))
    desk_row: Mapped[int]
    desk_column: Mapped[int]
    placed_by_user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    placed_at: Mapped[datetime]
