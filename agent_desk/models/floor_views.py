"""Ways of looking at the floor that are kept under a name."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from agent_desk.models.base import Base, Code, Id


class FloorView(Base):
    """One layout with its filters and its order, of one person; at most one of theirs `opens`."""

    __tablename__ = "floor_views"
    __table_args__ = (
        UniqueConstraint("user_id", "name"),
        Index(
            "ix_floor_views_opens",
            "user_id",
            unique=True,
            sqlite_where=text("opens = 1"),
            postgresql_where=text("opens"),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str]
    layout: Mapped[str] = mapped_column(Code)
    filters: Mapped[dict[str, Any]]
    sort: Mapped[list[Any]]
    opens: Mapped[bool]
    changed_at: Mapped[datetime]
