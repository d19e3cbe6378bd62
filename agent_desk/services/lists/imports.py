"""An import that runs: the worker reads and seals, its rows come through here into the database.

The worker (`import_work.py`) polls for jobs, parses and seals in its own process and delivers rows
in small batches over loopback HTTP. Each is taken in a few turns at the write door, behind call
traffic. A delivery may come twice: a row is taken once per batch. The steps before are
`import_wizard.py`'s, undoing is `import_undo.py`'s.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from agent_desk.catalogue import translate
from agent_desk.services.errors import ServiceError
from agent_desk.services.lists import normalise
from agent_desk.services.lists.import_ground import ImportGround, Upload, make_list, queue
from agent_desk.services.lists.import_undo import ImportUndo
from agent_desk.services.lists.import_wizard import ImportWizard
from agent_desk.services.lists.spreadsheets import inert
from agent_desk.services.ports import Clock
from agent_desk.services.write_door import WriteDoor
from agent_desk.store.bulk_rows import Aside, here
from agent_desk.store.lists import batches as import_batches
from agent_desk.store.lists import lists
from agent_desk.store.lists.batches import BatchRow
from agent_desk.store.lists.customers import Target
from agent_desk.store.lists.importing import RowTaker
from agent_desk.store.lists.prepared import Prepared
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database, Session

__all__ = ["ImportService", "Upload", "WriteDoor"]

DELIVERY = 200
PORTION = 50  # rows a turn at the write door takes: a command waits for one at most
ERRORS_AT_ONCE = 500


def _no_pause() -> None:
    """Nobody waits."""


class ImportService:
    """Batches from the first row to the error file."""

    def __init__(
        self,
        *,
        database: Database,
        sealer: Sealer,
        commits: WriteDoor,
        clock: Clock,
        data_dir: Path,
        pause: Callable[[], object] = _no_pause,
        aside: Aside = here,
    ) -> None:
        self._ground = ImportGround(
            database=database,
            sealer=sealer,
            commits=commits,
            clock=clock,
            data_dir=data_dir,
            pause=pause,
            aside=aside,
        )
        self.wizard = ImportWizard(self._ground)
        self.undo = ImportUndo(self._ground)

    def pause(self) -> None:
        """Let others have their turn."""
        self._ground.pause()

    def create_batch(self, upload: Upload) -> int:
        """Keep a file and have it imported as it is; the batch's id.

        ServiceError: import-too-large, import-empty, not-in-scope (no such campaign), list-in-use,
        import-running, not-stored.
        """
        ground = self._ground
        ground.check_list(upload.campaign_id, upload.list_name)
        kept = ground.keep(upload.data)
        now = ground.clock.now()
        made: list[int] = []

        def rows(session: Session) -> None:
            made.clear()
            if import_batches.running_into(session, upload.list_name) is not None:
                return
            batch_id = import_batches.create(
                session,
                at=now,
                list_name=upload.list_name,
                campaign_id=upload.campaign_id,
                file_name=upload.file_name,
                path=str(kept.path),
                sha256=kept.sha256,
                user_id=upload.user_id,
                source=upload.source,
                lawful_basis=upload.lawful_basis,
                obtained_on=upload.obtained_on,
            )
            batch = import_batches.get(session, batch_id)
            assert batch is not None
            list_id = make_list(session, batch_id, batch, upload.provenance, now)
            queue(session, batch_id, "queued", now)
            details = {"list": list_id, "campaign": upload.campaign_id}
            ground.note(session, upload.actor, "list.import.queued", batch_id, **details)
            made[:] = [batch_id]

        try:
            ground.write(rows)
            if not made:
                raise ServiceError("import-running")
        except ServiceError:
            kept.path.unlink(missing_ok=True)
            raise
        return made[0]

    def accept_header(self, batch_id: int, header: Mapping[str, Any]) -> None:
        """What the worker found at the top of a file nobody looked at before.

        `encoding`, `delimiter`, `header`, `mapping`, as `BatchRow` has them.
        """
        self._open_batch(batch_id)
        values = {name: header.get(name) for name in ("encoding", "delimiter")}
        for name in ("header", "mapping"):
            if not isinstance(header.get(name), list):
                raise ServiceError("bad-payload", reason=name)
            values[name] = [str(each) for each in header[name]]
        self._ground.write(
            lambda session: _ignore(import_batches.move(session, batch_id, ("queued",), **values))
        )

    def accept_rows(self, batch_id: int, deliveries: Sequence[Mapping[str, Any]]) -> None:
        """Take up to 200 rows, each as `Prepared.to_wire` makes it.

        ServiceError: bad-payload, import-unknown, import-finished, not-stored.
        """
        if len(deliveries) > DELIVERY:
            raise ServiceError("bad-payload", rows=DELIVERY)
        try:
            taken = [Prepared.from_wire(each) for each in deliveries]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ServiceError("bad-payload", reason=str(error)) from None
        target = self._target(self._open_batch(batch_id))
        for first in range(0, len(taken), PORTION):
            self._take(target, taken[first : first + PORTION])

    def finish(self, batch_id: int, *, rows_total: int) -> None:
        """Every row was delivered. A second time changes nothing."""
        self._end(batch_id, "finished", rows_total=rows_total)

    def fail(self, batch_id: int, error_id: str) -> None:
        """The file could not be read; what was taken so far stays."""
        self._end(batch_id, "failed", error_id=error_id)

    def cancel(self, batch_id: int, *, actor: str) -> None:
        """Stop an import that runs; what was taken so far stays until it is undone."""
        if self._open_batch(batch_id):
            self._end(batch_id, "cancelled", actor=actor)

    def batch(self, batch_id: int) -> BatchRow:
        """A batch with its counts; ServiceError import-unknown."""
        return self._ground.batch(batch_id)

    def recent(self) -> list[BatchRow]:
        """The newest batches with their counts."""
        with self._ground.database.read() as session:
            return import_batches.recent(session)

    def of_list(self, list_id: int) -> list[BatchRow]:
        """Where the people of a list come from: the batches that filled it (rule R58)."""
        with self._ground.database.read() as session:
            return import_batches.of_list(session, list_id)

    def reasons(self, batch_id: int) -> dict[str, int]:
        """How many rows were not taken, by reason."""
        with self._ground.database.read() as session:
            return import_batches.reasons(session, batch_id)

    def error_file(self, batch_id: int, *, actor: str, locale: str = "ja") -> bytes:
        """The whole of `error_parts`, for those who do not read in parts."""
        return b"".join(self.error_parts(batch_id, actor=actor, locale=locale))

    def error_parts(self, batch_id: int, *, actor: str, locale: str = "ja") -> Iterator[bytes]:
        """The refused rows: the file's own columns and the reason, encoded as the file was.

        They are personal data: who takes them is durably noted before anything is handed out.
        ServiceError: import-unknown, not-stored.
        """
        batch = self.batch(batch_id)
        self._ground.write(
            lambda session: self._ground.note(
                session,
                actor,
                "list.import.errors.exported",
                batch_id,
                list=batch.list_id,
                locale=locale,
            )
        )
        return self._error_parts(batch, locale)

    # --- inside --------------------------------------------------------------------------------

    def _error_parts(self, batch: BatchRow, locale: str) -> Iterator[bytes]:
        encoding = batch.encoding or "utf-8-sig"
        width, after = len(batch.header), 0
        rows = [[*map(inert, batch.header), translate("import.reason", locale=locale)]]
        while rows:
            out = io.StringIO()
            csv.writer(out, delimiter=batch.delimiter or ",").writerows(rows)
            yield out.getvalue().encode(encoding, "replace")
            encoding = "utf-8" if encoding == "utf-8-sig" else encoding  # one BOM is enough
            self._ground.pause()
            with self._ground.database.read() as session:
                refused = import_batches.refused(
                    session, self._ground.sealer, batch.id, after=after, limit=ERRORS_AT_ONCE
                )
            rows = []
            for row in refused:
                after = row.row_no
                cells = [*row.cells[:width], *[""] * (width - len(row.cells))]
                reason = translate(f"import.reason.{row.reason}", locale=locale)
                rows.append([*map(inert, cells), reason])

    def _target(self, batch: BatchRow) -> Target:
        """Where the rows of a batch go, from now on."""
        if batch.list_id is None:
            raise ServiceError("import-finished")
        with self._ground.database.read() as session:
            return Target(
                batch_id=batch.id,
                list_id=batch.list_id,
                product_id=lists.product_of(session, batch.list_id),
                source=batch.source or lists.source_of(session, batch.list_id),
                at=self._ground.clock.now(),
                scope=batch.scope,
            )

    def _take(self, target: Target, portion: Sequence[Prepared]) -> None:
        """One turn at the write door; ServiceError import-finished, not-stored."""
        ground, ended = self._ground, [False]

        def rows(session: Session) -> None:
            ended[0] = import_batches.state_of(session, target.batch_id) != "queued"
            if not ended[0]:
                taker = RowTaker(session, ground.sealer, target, normalise.name, aside=ground.aside)
                taker.take_prepared(portion)

        ground.write(rows, behind=True)
        if ended[0]:
            raise ServiceError("import-finished")

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
        actor: str = "",
    ) -> None:
        batch = self.batch(batch_id)
        now = self._ground.clock.now()

        def rows(session: Session) -> None:
            import_batches.end(
                session, batch_id, state=state, at=now, rows_total=rows_total, error_id=error_id
            )
            if actor:
                self._ground.note(session, actor, f"list.import.{state}", batch_id)

        self._ground.write(rows)
        # The upload has served; what was refused is kept sealed in the database.
        Path(batch.path).unlink(missing_ok=True)


def _ignore(_: object) -> None:
    """What was told of a write nobody waits for."""
