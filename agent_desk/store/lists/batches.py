"""Batches of an import: their steps, choices and counts; and the jobs that go with them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from agent_desk.models.imports import ImportBatch, ImportRow, Job
from agent_desk.store.sealing import Sealer

IMPORT_JOB = "import-list"
# What the worker does for a batch of this state.
WORK = ("reading", "checking", "queued", "undoing")
WAITING = ("mapping", "confirming")  # for a person
RUNNING = ("queued", "undoing")
_COUNTED = {"added": "added", "updated": "updated", "duplicate": "duplicates", "error": "errors"}
# Built once: each portion of an import asks.
_BATCHES: Any = ImportBatch.__table__
_STATE = select(_BATCHES.c.state).where(_BATCHES.c.id == bindparam("whose"))
_COUNT = (
    update(_BATCHES)
    .where(_BATCHES.c.id == bindparam("whose"))
    .values(
        {
            name: _BATCHES.c[name] + bindparam(f"more_{name}")
            for name in ("rows_done", *_COUNTED.values())
        }
    )
)


@dataclass(frozen=True)
class BatchRow:
    """One import: the step it is at, what was chosen, and what became of its rows so far."""

    id: int
    list_id: int | None
    list_name: str
    campaign_id: int | None
    file_name: str
    path: str
    state: str
    format: str
    encoding: str | None
    delimiter: str | None
    sheets: Sequence[str]
    sheet: str | None
    header: Sequence[str]
    mapping: Sequence[str]
    scope: str
    source: str
    obtained_on: date | None
    lawful_basis: str
    findings: Mapping[str, Any]
    rows_total: int | None
    rows_done: int
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
    """A new batch; returns its id."""
    row = session.execute(insert(ImportBatch).values(created_at=at, **columns))
    return int(row.inserted_primary_key[0])  # type: ignore[attr-defined]


def get(session: Session, batch_id: int) -> BatchRow | None:
    """One batch, or None."""
    found = _batches(session, ImportBatch.id == batch_id, limit=1)
    return found[0] if found else None


def state_of(session: Session, batch_id: int) -> str | None:
    """The step a batch is at."""
    return session.connection().execute(_STATE, {"whose": batch_id}).scalar()


def recent(session: Session, limit: int = 50) -> list[BatchRow]:
    """The newest batches first."""
    return _batches(session, ImportBatch.id > 0, limit=limit)


def of_list(session: Session, list_id: int, limit: int = 50) -> list[BatchRow]:
    """The batches that filled a list, the newest first: where its people come from (R58)."""
    return _batches(
        session,
        (ImportBatch.list_id == list_id) & (ImportBatch.added + ImportBatch.updated > 0),
        limit=limit,
    )


def in_state(session: Session, *states: str) -> list[BatchRow]:
    """Every batch at one of these steps, the oldest first."""
    return _batches(session, ImportBatch.state.in_(states), limit=1000)[::-1]


def running_into(session: Session, list_name: str) -> int | None:
    """The batch that is filling, or emptying, the list of this name."""
    query = select(ImportBatch.id).where(
        ImportBatch.list_name == list_name, ImportBatch.state.in_(RUNNING)
    )
    return session.scalar(query.limit(1))


def move(session: Session, batch_id: int, before: Sequence[str], **values: Any) -> bool:
    """Change a batch that is at one of the steps named; False when it is at another."""
    done = session.execute(
        update(ImportBatch)
        .where(ImportBatch.id == batch_id, ImportBatch.state.in_(before))
        .values(**values)
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]


def count(session: Session, batch_id: int, states: Mapping[str, int]) -> None:
    """Add what became of the rows of a delivery."""
    more = {f"more_{column}": states.get(state, 0) for state, column in _COUNTED.items()}
    asked = {"whose": batch_id, "more_rows_done": sum(states.values()), **more}
    session.connection().execute(_COUNT, asked)


def last_row(session: Session, batch_id: int) -> int:
    """The number of the last row that was taken; rows are taken in order."""
    query = select(func.max(ImportRow.row_no)).where(ImportRow.batch_id == batch_id)
    return session.scalar(query) or 1


def sample(session: Session, sealer: Sealer, batch_id: int) -> dict[str, Any]:
    """Some rows of the file, as the wizard shows them; empty when there are none any more."""
    query = select(ImportBatch.sample_sealed).where(ImportBatch.id == batch_id)
    sealed = session.scalar(query)
    return json.loads(sealer.open(sealed)) if sealed is not None else {}


def end(
    session: Session,
    batch_id: int,
    *,
    state: str,
    at: datetime,
    rows_total: int | None = None,
    error_id: str | None = None,
) -> None:
    """Finish or fail a batch and its jobs; a batch that has ended stays as it is."""
    values: dict[str, Any] = {"state": state, "ended_at": at, "error_id": error_id}
    if rows_total is not None:
        values["rows_total"] = rows_total
    # What it says of people has served.
    values["sample_sealed"] = None
    move(session, batch_id, ("reading", "checking", "queued", *WAITING), **values)
    end_jobs(session, batch_id, at=at, error_id=error_id)


def end_jobs(session: Session, batch_id: int, *, at: datetime, error_id: str | None = None) -> None:
    """What was queued for a batch is done."""
    for job in session.scalars(select(Job).where(Job.kind == IMPORT_JOB, Job.state == "queued")):
        if job.payload.get("batch_id") == batch_id:
            job.state = "failed" if error_id else "done"
            job.error = error_id
            job.ended_at = at
    session.flush()


def refused(
    session: Session, sealer: Sealer, batch_id: int, *, after: int = 0, limit: int = 1000
) -> list[RefusedRow]:
    """Rows that were not taken, in the order of the file, those numbered above `after`."""
    query = (
        select(ImportRow.row_no, ImportRow.reason, ImportRow.cells_sealed)
        .where(
            ImportRow.batch_id == batch_id,
            ImportRow.row_no > after,
            ImportRow.cells_sealed.is_not(None),
        )
        .order_by(ImportRow.row_no)
        .limit(limit)
    )
    return [
        RefusedRow(row_no, reason or "", sealer.open(cells or b"").split("\x1f"))
        for row_no, reason, cells in session.execute(query)
    ]


def reasons(session: Session, batch_id: int) -> dict[str, int]:
    """How many rows were not taken, by reason."""
    query = (
        select(ImportRow.reason, func.count())
        .where(ImportRow.batch_id == batch_id, ImportRow.reason.is_not(None))
        .group_by(ImportRow.reason)
    )
    return {str(reason): int(n) for reason, n in session.execute(query)}


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
    query = select(*_COLUMNS).where(which).order_by(ImportBatch.id.desc()).limit(limit)
    return [
        BatchRow(**{**row, **{name: row[name] or empty() for name, empty in _EMPTY.items()}})
        for row in session.execute(query).mappings()
    ]


# JSON columns in which nothing stands.
_EMPTY: Mapping[str, Callable[[], Any]] = {
    "sheets": tuple,
    "header": tuple,
    "mapping": tuple,
    "findings": dict,
}
_COLUMNS = tuple(getattr(ImportBatch, field.name) for field in fields(BatchRow))
