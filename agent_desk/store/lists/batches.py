"""Batches of an import: begun, counted, ended; and the worker's jobs that go with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from agent_desk.models.imports import ImportBatch, ImportRow, Job
from agent_desk.models.lists import CustomerList
from agent_desk.store.sealing import Sealer

IMPORT_JOB = "import-list"


@dataclass(frozen=True)
class BatchRow:
    """One import and what became of its rows so far."""

    id: int
    list_id: int
    list_name: str
    file_name: str
    path: str
    state: str
    encoding: str | None
    header: Sequence[str]
    rows_total: int | None
    error_id: str | None
    created_at: datetime
    ended_at: datetime | None
    added: int
    updated: int
    duplicates: int
    errors: int


@dataclass(frozen=True)
class RefusedRow:
    """A row that was not taken: its cells as they stood in the file, and why."""

    row_no: int
    reason: str
    cells: Sequence[str]


@dataclass(frozen=True)
class JobRow:
    """Something for the worker to do."""

    id: int
    kind: str
    payload: dict[str, Any]


def create(session: Session, *, at: datetime, **columns: Any) -> int:
    """A new batch, queued; returns its id."""
    row = session.execute(insert(ImportBatch).values(created_at=at, **columns))
    return int(row.inserted_primary_key[0])  # type: ignore[attr-defined]


def get(session: Session, batch_id: int) -> BatchRow | None:
    """One batch, or None."""
    found = _batches(session, ImportBatch.id == batch_id, limit=1)
    return found[0] if found else None


def recent(session: Session, limit: int = 20) -> list[BatchRow]:
    """The newest batches first."""
    return _batches(session, ImportBatch.id > 0, limit=limit)


def read_header(session: Session, batch_id: int, *, encoding: str, header: Sequence[str]) -> None:
    """What the worker found at the top of the file."""
    session.execute(
        update(ImportBatch)
        .where(ImportBatch.id == batch_id)
        .values(encoding=encoding, header=list(header))
    )


def end(
    session: Session,
    batch_id: int,
    *,
    state: str,
    at: datetime,
    rows_total: int | None = None,
    error_id: str | None = None,
) -> None:
    """Finish or fail a batch and its job; a batch that has ended stays as it is."""
    session.execute(
        update(ImportBatch)
        .where(ImportBatch.id == batch_id, ImportBatch.state == "queued")
        .values(state=state, ended_at=at, rows_total=rows_total, error_id=error_id)
    )
    for job in session.scalars(select(Job).where(Job.kind == IMPORT_JOB, Job.state == "queued")):
        if job.payload.get("batch_id") == batch_id:
            job.state = "done" if state == "finished" else "failed"
            job.error = error_id
            job.ended_at = at
    session.flush()


def refused(session: Session, sealer: Sealer, batch_id: int) -> list[RefusedRow]:
    """Every row that was not taken, in the order of the file."""
    query = (
        select(ImportRow.row_no, ImportRow.reason, ImportRow.cells_sealed)
        .where(ImportRow.batch_id == batch_id, ImportRow.cells_sealed.is_not(None))
        .order_by(ImportRow.row_no)
    )
    return [
        RefusedRow(row_no, reason or "", sealer.open(cells or b"").split("\x1f"))
        for row_no, reason, cells in session.execute(query)
    ]


def seal_cells(sealer: Sealer, cells: Sequence[str]) -> bytes:
    """The cells of a refused row for its error file."""
    return sealer.seal("\x1f".join(cell.replace("\x1f", " ") for cell in cells))


def add_job(session: Session, kind: str, payload: dict[str, Any], *, at: datetime) -> int:
    """Queue work for the worker."""
    row = session.execute(insert(Job).values(kind=kind, payload=payload, created_at=at))
    return int(row.inserted_primary_key[0])  # type: ignore[attr-defined]


def queued_jobs(session: Session) -> list[JobRow]:
    """What the worker has yet to do, oldest first."""
    query = select(Job.id, Job.kind, Job.payload).where(Job.state == "queued").order_by(Job.id)
    return [JobRow(*row) for row in session.execute(query)]


def _batches(session: Session, which: Any, *, limit: int) -> list[BatchRow]:
    query = (
        select(ImportBatch, CustomerList.name)
        .join(CustomerList, CustomerList.id == ImportBatch.list_id)
        .where(which)
        .order_by(ImportBatch.id.desc())
        .limit(limit)
    )
    rows = session.execute(query).all()
    counting = (
        select(ImportRow.batch_id, ImportRow.state, func.count())
        .where(ImportRow.batch_id.in_([batch.id for batch, _ in rows]))
        .group_by(ImportRow.batch_id, ImportRow.state)
    )
    counts = {(row[0], row[1]): row[2] for row in session.execute(counting)}
    return [
        BatchRow(
            id=batch.id,
            list_id=batch.list_id,
            list_name=list_name,
            file_name=batch.file_name,
            path=batch.path,
            state=batch.state,
            encoding=batch.encoding,
            header=tuple(batch.header or ()),
            rows_total=batch.rows_total,
            error_id=batch.error_id,
            created_at=batch.created_at,
            ended_at=batch.ended_at,
            added=counts.get((batch.id, "added"), 0),
            updated=counts.get((batch.id, "updated"), 0),
            duplicates=counts.get((batch.id, "duplicate"), 0),
            errors=counts.get((batch.id, "error"), 0),
        )
        for batch, list_name in rows
    ]
