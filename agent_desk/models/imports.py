"""Imports of lists: one batch per file, one row per line of it; and the worker's jobs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from agent_desk.models.base import Base, Code, Hash, Id, one_of


class ImportBatch(Base):
    """One file being imported into one list."""

    __tablename__ = "import_batches"
    __table_args__ = (
        CheckConstraint(one_of("state", "queued", "finished", "failed"), name="state"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    list_id: Mapped[int] = mapped_column(ForeignKey("lists.id"))
    file_name: Mapped[str]
    path: Mapped[str]  # where the uploaded copy lies, inside the data directory
    sha256: Mapped[str] = mapped_column(Hash)
    state: Mapped[str] = mapped_column(Code, default="queued")
    encoding: Mapped[str | None] = mapped_column(Code)
    header: Mapped[list[Any] | None]
    rows_total: Mapped[int | None]  # None until the whole file was read
    error_id: Mapped[str | None] = mapped_column(Code)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class ImportRow(Base):
    """What became of one line. The cells of a refused line are kept, sealed, for its error file."""

    __tablename__ = "import_rows"
    __table_args__ = (
        CheckConstraint(one_of("state", "added", "updated", "duplicate", "error"), name="state"),
        Index("ix_import_rows_batch_id_state", "batch_id", "state"),
    )

    batch_id: Mapped[int] = mapped_column(
        ForeignKey("import_batches.id", ondelete="CASCADE"), primary_key=True
    )
    row_no: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(Code)
    reason: Mapped[str | None] = mapped_column(Code)
    cells_sealed: Mapped[bytes | None]
    list_entry_id: Mapped[int | None] = mapped_column(
        ForeignKey("list_entries.id", ondelete="SET NULL")
    )


class Job(Base):
    """Work for the worker process, which reads this table and reports through the desk."""

    __tablename__ = "jobs"
    __table_args__ = (
        CheckConstraint(one_of("state", "queued", "done", "failed"), name="state"),
        Index("ix_jobs_state_id", "state", "id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(Code)
    payload: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(Code, default="queued")
    error: Mapped[str | None]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
