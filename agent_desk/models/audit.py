"""The audit trail: rows go in with the caller's transaction and are chained afterwards."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from agent_desk.models.base import Base, Code, Hash, Id


class AuditRow(Base):
    """Who did what to what. Ids and hashes only, never a name, number or amount.

    `position` and `hash` are given by the sealer, to committed rows in id order. The position and
    not the id makes the chain gapless: a rolled-back transaction uses up ids, and on PostgreSQL a
    lower id may be committed after a higher one.
    """

    __tablename__ = "audit"
    __table_args__ = (
        Index(
            "ix_audit_unsealed",
            "id",
            sqlite_where=text("position IS NULL"),
            postgresql_where=text("position IS NULL"),
        ),
        # What the trail is asked: when, who, what was done, what about.
        Index("ix_audit_at", "at"),
        Index("ix_audit_actor_id", "actor", "id"),
        Index("ix_audit_action_id", "action", "id"),
        Index("ix_audit_subject_id", "subject", "id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(Code)
    action: Mapped[str]
    subject: Mapped[str]
    details: Mapped[dict[str, Any]]
    position: Mapped[int | None] = mapped_column(Id, unique=True)
    hash: Mapped[str | None] = mapped_column(Hash)


class AuditHead(Base):
    """Length and last hash of the chain at an instant; also appended to a file each minute."""

    __tablename__ = "audit_heads"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    at: Mapped[datetime]
    count: Mapped[int] = mapped_column(Id)
    hash: Mapped[str] = mapped_column(Hash)
