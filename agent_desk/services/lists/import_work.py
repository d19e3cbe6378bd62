"""The worker's part of an import: reading, checking, sealing and delivering, and undoing.

A job says which batch; the batch says which step it is at, so a worker that was killed begins the
step again. Rows are delivered in their order and each delivery is taken whole, so the last row
the database has says where to go on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from agent_desk.dialer.business_time import business_date
from agent_desk.services.errors import ServiceError
from agent_desk.services.lists import normalise, sealed_uploads
from agent_desk.services.lists.import_checks import ImportCheck
from agent_desk.services.lists.import_files import (
    FileShape,
    ListFile,
    head_rows,
    look,
    open_table,
    open_unseen,
)
from agent_desk.services.lists.reading_ahead import read_ahead
from agent_desk.services.running.desk_door import DeskAway, DeskDoor, DeskRefused
from agent_desk.store.lists import batches as import_batches
from agent_desk.store.lists.batches import BatchRow
from agent_desk.store.lists.prepared import prepare
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database

log = logging.getLogger(__name__)

DELIVERY = 200  # rows; the desk takes them behind its calls, some at a time
TIDY_EVERY = (
    3  # deliveries: 2,000 pages of SQLite's log, of the 4,000 the desk itself would wait for
)
SAMPLE = 20
SHAPE = ("encoding", "delimiter", "sheet")


class ImportWork:
    """Does the queued steps of imports, one after the other."""

    def __init__(
        self,
        *,
        database: Database,
        sealer: Sealer,
        door: DeskDoor,
        now: Callable[[], datetime],
        practice: bool,
        stopping: Callable[[], bool],
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._door = door
        self._now = now
        self._practice = practice
        self._stopping = stopping
        self._untidy = 0

    def do(self, batch_id: int) -> None:
        """The step a batch is at; raises `DeskAway` where it must be done again later."""
        with self._database.read() as session:
            batch = import_batches.get(session, batch_id)
        if batch is None or batch.state not in import_batches.WORK:
            return
        steps = {
            "reading": self._inspect,
            "checking": self._check,
            "queued": self._deliver,
            "undoing": self._undo,
        }
        route = f"/internal/imports/{batch_id}"
        try:
            steps[batch.state](batch, route)
        except ServiceError as error:
            self._fail(route, error.error_id)
        except FileNotFoundError:
            self._fail(route, "import-unknown")
        except DeskRefused as refused:
            # Cancelled or moved on meanwhile is nobody's fault.
            log.warning("the desk refused import %s: %s", batch_id, refused.error_id)
            if refused.error_id not in ("import-finished", "import-step", "import-unknown"):
                self._fail(route, refused.error_id)

    def expire(self) -> None:
        """Have wizards ended that nobody came back to."""
        self._door.post("/internal/imports/expire", {})

    # --- the steps -----------------------------------------------------------------------------

    def _inspect(self, batch: BatchRow, route: str) -> None:
        opener = self._opener(batch)
        shape = look(opener)
        chosen = {name: getattr(batch, name) for name in SHAPE if getattr(batch, name) is not None}
        if chosen:
            shape = FileShape(**{**vars(shape), **chosen})
        table = open_table(opener, shape)
        self._door.post(
            f"{route}/inspected",
            {
                "shape": {**vars(shape), "sheets": list(shape.sheets)},
                "header": list(table.header),
                "rows": head_rows(table, SAMPLE),
            },
        )

    def _check(self, batch: BatchRow, route: str) -> None:
        check = ImportCheck(
            database=self._database,
            sealer=self._sealer,
            batch=batch,
            now=self._now(),
            practice=self._practice,
        )
        table = self._table(batch)
        with check:
            for row in self._rows(table):
                check.take(row)
            found = check.findings()
        self._door.post(f"{route}/checked", {"findings": found, "rows": check.normal})

    def _deliver(self, batch: BatchRow, route: str) -> None:
        """Send every row that was not taken yet; where nobody looked, tell the header first."""
        with self._database.read() as session:
            after = import_batches.last_row(session, batch.id)
        if batch.mapping:
            table = self._table(batch)
        else:
            table = open_unseen(self._opener(batch))
            self._door.post(f"{route}/header", _told(table))
        total = batch.rows_done
        for rows in read_ahead(self._prepared(table, after)):
            self._send(f"{route}/rows", {"rows": rows})
            total += len(rows)
        self._door.post(f"{route}/finish", {"rows_total": total})

    def _undo(self, batch: BatchRow, route: str) -> None:
        while self._send(f"{route}/undo", {}).get("left"):
            pass

    # --- inside --------------------------------------------------------------------------------

    def _opener(self, batch: BatchRow) -> Callable[[], BinaryIO]:
        return lambda: sealed_uploads.open_sealed(Path(batch.path), self._sealer)

    def _table(self, batch: BatchRow) -> ListFile:
        shape = FileShape(batch.encoding, batch.delimiter, tuple(batch.sheets), batch.sheet)
        return ListFile(self._opener(batch), shape, tuple(batch.header), tuple(batch.mapping))

    def _prepared(self, table: ListFile, after: int) -> Iterator[list[dict[str, Any]]]:
        """Deliveries of sealed rows."""
        rows = self._rows(table, after=after)
        while some := list(islice(rows, DELIVERY)):
            yield [prepare(self._sealer, row, normalise.name).to_wire() for row in some]

    def _rows(self, table: ListFile, *, after: int = 1) -> Iterator[Any]:
        for row in table.rows(
            today=business_date(self._now()), practice=self._practice, after=after
        ):
            if self._stopping():
                raise DeskAway("stopping")
            yield row

    def _send(self, route: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        """A delivery, taken before this returns: the desk takes it behind its calls."""
        if self._stopping():
            raise DeskAway("stopping")
        answer: dict[str, Any] = self._door.tell(route, payload)
        self._untidy = (self._untidy + 1) % TIDY_EVERY
        if not self._untidy:
            self._database.tidy()
        return answer

    def _fail(self, route: str, error_id: str) -> None:
        self._door.post(f"{route}/fail", {"error_id": error_id})


def _told(table: ListFile) -> dict[str, Any]:
    return {
        "encoding": table.shape.encoding,
        "delimiter": table.shape.delimiter,
        "header": list(table.header),
        "mapping": list(table.mapping),
    }
