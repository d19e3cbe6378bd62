"""Imports of lists: one batch per file, one row per line of it; and the worker's jobs."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from agent_desk.models.base import Base, Code, Hash, Id, one_of

STATES = (
    "reading",  # the worker looks at the head of the file
    "mapping",  # a person says what the columns are
    "checking",  # the worker counts what would become of each row
    "confirming",  # a person looks at the counts and says where the data comes from
    "queued",  # the worker reads, the desk writes
    "finished",
    "failed",
    "cancelled",
    "undoing",
    "undone",
)


class ImportBatch(Base):
    """One file on its way into one list; its state is the step of the wizard it is at."""

    __tablename__ = "import_batches"
    __table_args__ = (CheckConstraint(one_of("state", *STATES), name="state"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    list_id: Mapped[int | None] = mapped_column(ForeignKey("lists.id"))  # None until it runs
    list_name: Mapped[str] = mapped_column(default="", server_default="")
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaigns.id"))
    file_name: Mapped[str]
    path: Mapped[str]  # where the sealed copy lies, inside the data directory
    sha256: Mapped[str] = mapped_column(Hash)
    state: Mapped[str] = mapped_column(Code, default="queued")
    # How the file is read: `text` or `workbook`; None in the others: as guessed.
    format: Mapped[str] = mapped_column(Code, default="text", server_default="text")
    encoding: Mapped[str | None] = mapped_column(Code)
    delimiter: Mapped[str | None] = mapped_column(Code)
    sheets: Mapped[list[Any] | None]
    sheet: Mapped[str | None]
    header: Mapped[list[Any] | None]
    mapping: Mapped[list[Any] | None]  # what each column holds (services/lists/import_columns.py)
    # On which other lists a person may not be already: `list`, `product`, `system`.
    scope: Mapped[str] = mapped_column(Code, default="product", server_default="product")
    # Where the data comes from, since when we have it, why the people may be called (rule R58).
    source: Mapped[str] = mapped_column(default="", server_default="")
    obtained_on: Mapped[date | None]
    lawful_basis: Mapped[str] = mapped_column(default="", server_default="")
    # A JSON object of some rows, as in the file and in normal form; gone when the import runs.
    sample_sealed: Mapped[bytes | None]
    findings: Mapped[dict[str, Any] | None]  # counts of the check
    rows_total: Mapped[int | None]  # None until the whole file was read
    rows_done: Mapped[int] = mapped_column(default=0, server_default="0")
    added: Mapped[int] = mapped_column(default=0, server_default="0")
    updated: Mapped[int] = mapped_column(default=0, server_default="0")
    duplicates: Mapped[int] = mapped_column(default=0, server_default="0")
    errors: Mapped[int] = mapped_column(default=0, server_default="0")
    error_id: Mapped[str | None] = mapped_column(Code)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class ImportRow(Base):
    """What became of one line. The cells of a refused line are kept, sealed, for its error file.

    Undone, a line is `removed` (the customer went with the entry), `unlisted` (the entry went, the
    customer has more to it) or `withdrawn` (the entry has a history and is closed).
    """

    __tablename__ = "import_rows"
    __table_args__ = (
        CheckConstraint(
            one_of(
                "state",
                "added",
                "updated",
                "duplicate",
                "error",
                "removed",
                "unlisted",
                "withdrawn",
            ),
            name="state",
        ),
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
        ForeignKey("list_entries.id", ondelete="SET NULL"), index=True
    )


class ImportTemplate(Base):
    """What the columns of a product's files are called, under a name; saved again, it is new."""

    __tablename__ = "import_templates"
    __table_args__ = (UniqueConstraint("product_id", "name"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    name: Mapped[str]
    columns: Mapped[list[Any]]  # [heading, what it holds]
    updated_at: Mapped[datetime]


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
