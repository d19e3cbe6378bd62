"""What every step of an import stands on: the database, its write door, and the folder of files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from agent_desk.services.errors import ServiceError
from agent_desk.services.lists import sealed_uploads
from agent_desk.services.lists.sealed_uploads import Kept
from agent_desk.services.ports import Clock
from agent_desk.services.write_door import WriteDoor
from agent_desk.store import audit
from agent_desk.store.bulk_rows import Aside
from agent_desk.store.campaigns import campaigns
from agent_desk.store.lists import batches as import_batches
from agent_desk.store.lists import lists
from agent_desk.store.lists.batches import BatchRow
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database, Session

UPLOADS = "imports"


@dataclass(frozen=True)
class Provenance:
    """Where data comes from (rule R58). `source` says whose external ids it holds."""

    source: str = "import"
    obtained_on: date | None = None
    lawful_basis: str = ""


@dataclass(frozen=True)
class Upload:
    """A file somebody wants imported into a list of a campaign."""

    file_name: str
    data: bytes | BinaryIO
    campaign_id: int
    list_name: str
    actor: str
    user_id: int | None
    source: str = "import"
    lawful_basis: str = ""
    obtained_on: date | None = None

    @property
    def provenance(self) -> Provenance:
        """Where it comes from."""
        return Provenance(self.source, self.obtained_on, self.lawful_basis)


@dataclass(frozen=True, kw_only=True)
class ImportGround:
    """`pause` lets others have their turn between two pieces of work, `aside` during one."""

    database: Database
    sealer: Sealer
    commits: WriteDoor
    clock: Clock
    data_dir: Path
    pause: Callable[[], object]
    aside: Aside

    def write(self, rows: Callable[[Session], None], *, behind: bool = False) -> None:
        """Write durably, `behind` all calls where nobody waits for it; ServiceError not-stored."""
        if not self.commits.submit(None, rows=rows, behind=behind).ok:
            raise ServiceError("not-stored")

    def batch(self, batch_id: int) -> BatchRow:
        """A batch; ServiceError import-unknown."""
        with self.database.read() as session:
            found = import_batches.get(session, batch_id)
        if found is None:
            raise ServiceError("import-unknown")
        return found

    def keep(self, data: bytes | BinaryIO) -> Kept:
        """Seal an uploaded file; ServiceError import-too-large, import-empty."""
        pieces = [data] if isinstance(data, bytes) else sealed_uploads.pieces_of(data)
        return sealed_uploads.keep(pieces, self.data_dir / UPLOADS, self.sealer, self.pause)

    def check_list(self, campaign_id: int, list_name: str) -> None:
        """A list belongs to one campaign; ServiceError not-in-scope, list-in-use."""
        with self.database.read() as session:
            product_id = campaigns.product_of(session, campaign_id)
            caller = campaigns.calling(session, list_name)
        if product_id is None:
            raise ServiceError("not-in-scope")
        if caller not in (None, campaign_id):
            raise ServiceError("list-in-use")

    def move(self, batch_id: int, before: tuple[str, ...], **values: Any) -> None:
        """Take a batch from one of these steps to another; ServiceError import-step.

        The worker is called when the new step is its own.
        """
        now = self.clock.now()
        moved: list[bool] = []

        def rows(session: Session) -> None:
            moved[:] = [import_batches.move(session, batch_id, before, **values)]
            if moved[0]:
                queue(session, batch_id, str(values.get("state", "")), now)

        self.write(rows)
        if not moved[0]:
            raise ServiceError("import-step")

    def note(
        self, session: Session, actor: str, action: str, batch_id: int, **details: Any
    ) -> None:
        """What somebody did with a batch, for the audit: ids and counts, no names."""
        audit.append(
            session,
            at=self.clock.now(),
            actor=actor,
            action=action,
            subject=f"import:{batch_id}",
            details=details,
        )


def queue(session: Session, batch_id: int, state: str, now: Any) -> None:
    """End what the worker was to do for a batch, and call it for the next if that is its own."""
    import_batches.end_jobs(session, batch_id, at=now)
    if state in import_batches.WORK:
        import_batches.add_job(session, import_batches.IMPORT_JOB, {"batch_id": batch_id}, at=now)


def make_list(
    session: Session, batch_id: int, upload: BatchRow, provenance: Provenance, now: Any
) -> int:
    """The list a batch fills, made if it is not there, and called by its campaign."""
    campaign_id = upload.campaign_id or 0
    list_id = lists.list_id_of(
        session,
        upload.list_name,
        campaigns.product_of(session, campaign_id) or 0,
        source=provenance.source,
        lawful_basis=provenance.lawful_basis,
        at=now,
    )
    campaigns.add_list(session, campaign_id, list_id)
    import_batches.move(session, batch_id, (upload.state,), list_id=list_id)
    return list_id
