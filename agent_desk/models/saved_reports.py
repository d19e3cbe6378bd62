"""Questions of reports that are kept under a name."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from agent_desk.models.base import Base, Code, Id


class SavedReport(Base):
    """One question: no figures and no scope, which is of whoever opens it.

    `period` says how its days follow the calendar; `fixed`: they stay as they are in `params`.
    It is shared with a role, with teams (ids), or with nobody.
    """

    __tablename__ = "saved_reports"
    __table_args__ = (
        CheckConstraint("shared_role IS NULL OR shared_teams IS NULL", name="shared"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    name: Mapped[str]
    page: Mapped[str] = mapped_column(Code)
    params: Mapped[dict[str, Any]]
    period: Mapped[str] = mapped_column(Code)
    shared_role: Mapped[str | None] = mapped_column(Code)
    shared_teams: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    version: Mapped[int]
    made_at: Mapped[datetime]
    changed_at: Mapped[datetime]
