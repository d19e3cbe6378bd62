"""Lists of customers and their entries: what is leased and dialed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from agent_desk.models.base import Base, Code, Id, one_of


class CustomerList(Base):
    """An ordered set of customers, with where it came from and why it may be used (rule R58)."""

    __tablename__ = "lists"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    source: Mapped[str] = mapped_column(default="")
    lawful_basis: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    # Among the lists of its campaign: 0 first, 9 last; among those of the same priority each gets
    # its share of the calls (1 to 100), or, where none has one, whoever is due longest.
    priority: Mapped[int] = mapped_column(default=5, server_default="5")
    mix: Mapped[int | None]
    paused: Mapped[bool] = mapped_column(default=False, server_default=false())


class ListEntry(Base):
    """One customer on one list. Order of calling: priority (0 first, 9 last), next_at, id.

    `ready` entries may be leased from `next_at` on; a `leased` entry has an open attempt or awaits
    the result of its call; a `closed` entry is done with, `closed_reason` says why.
    """

    __tablename__ = "list_entries"
    __table_args__ = (
        UniqueConstraint("list_id", "customer_id"),
        CheckConstraint(one_of("state", "ready", "leased", "closed"), name="state"),
        CheckConstraint("priority >= 0 AND priority <= 9", name="priority"),
        Index(
            "ix_list_entries_ready",
            "list_id",
            "priority",
            "next_at",
            "id",
            sqlite_where=text("state = 'ready'"),
            postgresql_where=text("state = 'ready'"),
        ),
        Index(
            "ix_list_entries_leased",
            "list_id",
            sqlite_where=text("state = 'leased'"),
            postgresql_where=text("state = 'leased'"),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    list_id: Mapped[int] = mapped_column(ForeignKey("lists.id"))
    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customers.id", ondelete="CASCADE"), index=True
    )
    priority: Mapped[int] = mapped_column(default=5)
    # What `priority` was before a callback put the entry first, and will be after it.
    own_priority: Mapped[int | None]
    state: Mapped[str] = mapped_column(Code, default="ready")
    next_at: Mapped[datetime]
    # What `next_at` was before a rule of calling put the entry off, and is again when it is lifted.
    own_next_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)  # attempts that used one up
    # The retry ladder that applied last, and how often in succession (dialer/selection.py).
    ladder: Mapped[str | None] = mapped_column(Code)
    ladder_times: Mapped[int] = mapped_column(default=0)
    # The same of the results operators saved.
    result_ladder: Mapped[str | None] = mapped_column(Code)
    result_times: Mapped[int] = mapped_column(default=0, server_default="0")
    last_outcome: Mapped[str | None] = mapped_column(Code)
    last_at: Mapped[datetime | None]
    closed_reason: Mapped[str | None] = mapped_column(Code)
    created_at: Mapped[datetime]
