"""Links by which wall screens may be shown the floor."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from agent_desk.models.base import Base, Hash, Id


class WallboardLink(Base):
    """One link, shown once: what is kept is a hash, which opens nothing.

    `teams` and `campaigns` are ids; None: all. Instants are real time, never shifted.
    """

    __tablename__ = "wallboard_links"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str]
    token_hash: Mapped[str] = mapped_column(Hash, unique=True)
    teams: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    campaigns: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    made_by_user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    revoked_by_user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
