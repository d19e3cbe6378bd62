"""After how long leads are told of a seat's state or of a call."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from agent_desk.models.base import Base, Code


class FloorThreshold(Base):
    """What the centre set for one state of a seat, or for a whole call. No row: the default."""

    __tablename__ = "floor_thresholds"
    __table_args__ = (
        CheckConstraint(
            "long_s >= 1 AND too_long_s > long_s AND too_long_s <= 86400", name="order"
        ),
    )

    subject: Mapped[str] = mapped_column(Code, primary_key=True)
    long_s: Mapped[int]
    too_long_s: Mapped[int]
    set_by_user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    set_at: Mapped[datetime]
