"""Importing a list: the file is kept, a worker reads it, its rows come back through here.

The upload is stored and a job queued in one go; the worker (`agent_desk/worker.py`) polls for
jobs, parses in its own process and delivers rows in small batches over loopback HTTP. Each
delivery is one turn at the write door, below call traffic. A delivery may come twice: a row is
taken once per batch.
"""

from __future__ import annotations

import csv
import hashlib
import io
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from agent_desk.catalogue import translate
from agent_desk.services.errors import ServiceError
from agent_desk.services.lists import normalise
from agent_desk.services.lists.spreadsheets import inert
from agent_desk.services.ports import Clock
from agent_desk.store import audit
from agent_desk.store.campaigns import campaigns
from agent_desk.store.lists import batches as import_batches
from agent_desk.store.lists import lists
from agent_desk.store.lists.batches import BatchRow
from agent_desk.store.lists.customers import Target
from agent_desk.store.lists.import_rows import Row
from agent_desk.store.lists.importing import RowTaker
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database, Session

DELIVERY = 200
LARGEST_FILE = 64 * 1024 * 1024
UPLOADS = "imports"


class WriteDoor(Protocol):
    """Where rows are written: `GroupCommit` in the desk, `DirectDoor` in the command line."""

    def submit(self, command: None, *, rows: Callable[[Session], None]) -> Any:
        """Write and wait; the answer's `ok` says whether it is durable."""


@dataclass(frozen=True)
class Upload:
    """A file somebody wants imported, and its provenance (rule R58).

    `source` says whose external ids it holds, `lawful_basis` why these people may be called.
    """

    file_name: str
    data: bytes
    campaign_id: int
    list_name: str
    actor: str
    user_id: int | None
    source: str = "import"
    lawful_basis: str = ""


class ImportService:
    """Batches from upload to error file."""

    def __init__(
        self,
        *,
        database: Database,
        sealer: Sealer,
        commits: WriteDoor,
        clock: Clock,
        data_dir: Path,
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._commits = commits
        self._clock = clock
        self._data_dir = data_dir

    def create_batch(self, upload: Upload) -> int:
        """Keep the file and queue its job; the batch's id.

        ServiceError: import-too-large, not-in-scope (no such campaign), list-in-use, not-stored.
        """
        if len(upload.data) > LARGEST_FILE:
            raise ServiceError("import-too-large", bytes=LARGEST_FILE)
        product_id = self._check_list(upload)
        path = self._keep(upload.data)
        now = self._clock.now()
        made: list[int] = []

        def rows(session: Session) -> None:
            list_id = lists.list_id_of(
                session,
                upload.list_name,
                product_id,
                source=upload.source,
                lawful_basis=upload.lawful_basis,
                at=now,
            )
            campaigns.add_list(session, upload.campaign_id, list_id)
            batch_id = import_batches.create(
                session,
                at=now,
                list_id=list_id,
                file_name=upload.file_name,
                path=str(path),
                sha256=hashlib.sha256(upload.data).hexdigest(),
                user_id=upload.user_id,
            )
            import_batches.add_job(
                session, import_batches.IMPORT_JOB, {"batch_id": batch_id}, at=now
            )
            audit.append(
                session,
                at=now,
                actor=upload.actor,
                action="list.import.queued",
                subject=f"import:{batch_id}",
                details={"list": list_id, "campaign": upload.campaign_id},
            )
            made[:] = [batch_id]

        self._write(rows)
        return made[0]

    def accept_header(self, batch_id: int, *, encoding: str, header: Sequence[str]) -> None:
        """What the worker found at the top of the file."""
        self._open_batch(batch_id)
        self._write(
            lambda session: import_batches.read_header(
                session, batch_id, encoding=encoding, header=header
            )
        )

    def accept_rows(self, batch_id: int, deliveries: Sequence[Mapping[str, Any]]) -> None:
        """Take up to 200 rows, each as `Row.to_wire` makes it.

        ServiceError: bad-payload, import-unknown, import-finished, not-stored.
        """
        if len(deliveries) > DELIVERY:
            raise ServiceError("bad-payload", rows=DELIVERY)
        try:
            taken = [Row.from_wire(each) for each in deliveries]
        except (KeyError, TypeError, ValueError) as error:
            raise ServiceError("bad-payload", reason=str(error)) from None
        batch = self._open_batch(batch_id)

        def rows(session: Session) -> None:
            target = Target(
                batch_id=batch_id,
                list_id=batch.list_id,
                product_id=lists.product_of(session, batch.list_id),
                source=lists.source_of(session, batch.list_id),
                at=self._clock.now(),
            )
            RowTaker(session, self._sealer, target, normalise.name).take(taken)

        self._write(rows)

    def finish(self, batch_id: int, *, rows_total: int) -> None:
        """Every row was delivered. A second time changes nothing."""
        self._end(batch_id, "finished", rows_total=rows_total)

    def fail(self, batch_id: int, error_id: str) -> None:
        """The file could not be read; what was taken so far stays."""
        self._end(batch_id, "failed", error_id=error_id)

    def batch(self, batch_id: int) -> BatchRow:
        """A batch with its counts; ServiceError import-unknown."""
        with self._database.read() as session:
            found = import_batches.get(session, batch_id)
        if found is None:
            raise ServiceError("import-unknown")
        return found

    def recent(self) -> list[BatchRow]:
        """The newest batches with their counts."""
        with self._database.read() as session:
            return import_batches.recent(session)

    def error_file(self, batch_id: int, *, actor: str, locale: str = "ja") -> bytes:
        """The refused rows as CSV (UTF-8 with BOM): the file's own columns and the reason.

        They are personal data: who takes them is durably noted before anything is handed out.
        ServiceError: import-unknown, not-stored.
        """
        batch = self.batch(batch_id)
        now = self._clock.now()
        self._write(
            lambda session: audit.append(
                session,
                at=now,
                actor=actor,
                action="list.import.errors.exported",
                subject=f"import:{batch_id}",
                details={"list": batch.list_id, "locale": locale},
            )
        )
        with self._database.read() as session:
            refused = import_batches.refused(session, self._sealer, batch_id)
        out = io.StringIO()
        writer = csv.writer(out)
        width = len(batch.header)
        writer.writerow([*map(inert, batch.header), translate("import.reason", locale=locale)])
        for row in refused:
            cells = [*row.cells[:width], *[""] * (width - len(row.cells))]
            reason = translate(f"import.reason.{row.reason}", locale=locale)
            writer.writerow([*map(inert, cells), reason])
        return ("\ufeff" + out.getvalue()).encode()

    # --- inside --------------------------------------------------------------------------------

    def _check_list(self, upload: Upload) -> int:
        """The campaign's product; a list belongs to one campaign."""
        with self._database.read() as session:
            product_id = campaigns.product_of(session, upload.campaign_id)
            caller = campaigns.calling(session, upload.list_name)
        if product_id is None:
            raise ServiceError("not-in-scope")
        if caller not in (None, upload.campaign_id):
            raise ServiceError("list-in-use")
        return product_id

    def _keep(self, data: bytes) -> Path:
        folder = self._data_dir / UPLOADS
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / f"{secrets.token_hex(16)}.csv"
        path.touch(mode=0o600)
        path.write_bytes(data)
        return path

    def _open_batch(self, batch_id: int) -> BatchRow:
        batch = self.batch(batch_id)
        if batch.state != "queued":
            raise ServiceError("import-finished")
        return batch

    def _end(
        self,
        batch_id: int,
        state: str,
        *,
        rows_total: int | None = None,
        error_id: str | None = None,
    ) -> None:
        batch = self.batch(batch_id)
        now = self._clock.now()
        self._write(
            lambda session: import_batches.end(
                session, batch_id, state=state, at=now, rows_total=rows_total, error_id=error_id
            )
        )
        # The upload has served; what was refused is kept sealed in the database.
        Path(batch.path).unlink(missing_ok=True)

    def _write(self, rows: Callable[[Session], None]) -> None:
        if not self._commits.submit(None, rows=rows).ok:
            raise ServiceError("not-stored")
