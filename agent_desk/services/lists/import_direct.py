"""Importing a file without a running desk: the same steps, straight into the database."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from agent_desk.clock import SystemClock
from agent_desk.dialer.business_time import business_date
from agent_desk.services.errors import ServiceError
from agent_desk.services.lists import normalise
from agent_desk.services.lists.import_files import ListFile, open_unseen
from agent_desk.services.lists.imports import DELIVERY, ImportService, Upload
from agent_desk.store.campaigns import campaigns
from agent_desk.store.lists.prepared import Prepared, prepare
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database, Session


@dataclass(frozen=True)
class Written:
    """The answer of `DirectDoor`."""

    ok: bool = True


class DirectDoor:
    """The write door of a process that has the database to itself."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def submit(
        self, command: object, *, rows: Callable[[Session], None], behind: bool = False
    ) -> Written:
        """Write in a transaction of its own; the database's errors are the caller's.

        A command is for a floor and its gateways; without a desk there is none to change, and
        nobody to be `behind`.
        """
        with self._database.write() as session:
            rows(session)
        return Written()


@dataclass(frozen=True)
class Summary:
    """What became of a file's rows."""

    rows_total: int
    added: int
    updated: int
    duplicates: int
    errors: int
    error_file: bytes


def import_file(
    database: Database,
    sealer: Sealer,
    file: Path,
    *,
    campaign: str,
    list_name: str,
    data_dir: Path,
    practice: bool,
    now: datetime,
) -> Summary:
    """Import a file into a list of a campaign named by people; ServiceError as for an upload."""
    with database.read() as session:
        found = campaigns.by_name(session, campaign)
    if found is None:
        raise ServiceError("not-in-scope", campaign=campaign)
    service = ImportService(
        database=database,
        sealer=sealer,
        commits=DirectDoor(database),
        clock=SystemClock(start=now, anchor=None),
        data_dir=data_dir,
    )
    with file.open("rb") as upload:
        batch_id = service.create_batch(
            Upload(
                file_name=file.name,
                data=upload,
                campaign_id=found[0],
                list_name=list_name,
                actor="cli",
                user_id=None,
            )
        )
    try:
        table = open_unseen(lambda: file.open("rb"))
        rows = table.rows(today=business_date(now), practice=practice)
        total = _take(service, batch_id, table, (prepare(sealer, r, normalise.name) for r in rows))
    except ServiceError as refused:
        service.fail(batch_id, refused.error_id)
        raise
    service.finish(batch_id, rows_total=total)
    batch = service.batch(batch_id)
    return Summary(
        rows_total=total,
        added=batch.added,
        updated=batch.updated,
        duplicates=batch.duplicates,
        errors=batch.errors,
        error_file=service.error_file(batch_id, actor="cli"),
    )


def _take(
    service: ImportService,
    batch_id: int,
    table: ListFile,
    rows: Iterable[Prepared],
) -> int:
    """Every row of the file; how many there were."""
    service.accept_header(
        batch_id,
        {
            "encoding": table.shape.encoding,
            "delimiter": table.shape.delimiter,
            "header": list(table.header),
            "mapping": list(table.mapping),
        },
    )
    total = 0
    waiting = []
    for row in rows:
        waiting.append(row.to_wire())
        total += 1
        if len(waiting) == DELIVERY:
            service.accept_rows(batch_id, waiting)
            waiting.clear()
    service.accept_rows(batch_id, waiting)
    return total
