"""Saved filters with their versions, the lists that follow them, and what a valid call is."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from agent_desk.models.base import Base, Code, Id


class SavedFilter(Base):
    """A filter by name. `teams` is the scope it is asked in; None: every team's customers."""

    __tablename__ = "saved_filters"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    actor: Mapped[str] = mapped_column(Code)
    teams: Mapped[list[Any] | None]
    version: Mapped[int]  # the newest
    created_at: Mapped[datetime]


class FilterVersion(Base):
    """What a filter said from an instant on. Never changed: an edit is the next version."""

    __tablename__ = "filter_versions"

    filter_id: Mapped[int] = mapped_column(
        ForeignKey("saved_filters.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    definition: Mapped[dict[str, Any]]
    actor: Mapped[str] = mapped_column(Code)
    at: Mapped[datetime]


class DynamicList(Base):
    """A list whose members are those a saved filter finds."""

    __tablename__ = "dynamic_lists"

    list_id: Mapped[int] = mapped_column(
        ForeignKey("lists.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    filter_id: Mapped[int] = mapped_column(ForeignKey("saved_filters.id"))
    refreshed_at: Mapped[datetime | None]  # when every customer was last looked at


class ValidCall(Base):
    """What makes a call of a campaign a valid one (有効コール).

    Of a day, the newest version counts whose `since` is not after it; None: of all days.
    """

    __tablename__ = "valid_calls"

    campaign_id: Mapped[int] = mapped_column(
        ForeignKey("campaigns.id"), primary_key=True, autoincrement=False
    )
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    since: Mapped[date | None]
    definition: Mapped[dict[str, Any]]
    actor: Mapped[str] = mapped_column(Code)
    at: Mapped[datetime]
