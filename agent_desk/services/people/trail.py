"""The audit trail for those who read it: page by page, and as a file, which is noted itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from agent_desk.services.errors import ServiceError
from agent_desk.services.ports import Clock, Hub
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.store import audit, audit_trail
from agent_desk.store.audit_trail import TrailRow, Wanted
from agent_desk.store.people import accounts
from agent_desk.store.unit_of_work import Database, Session

PAGE = 50
# A file is read in pieces, with the other work of the desk between them.
_PIECE = 500
MOST_EXPORTED = 100_000


@dataclass(frozen=True)
class TrailPage:
    """Some rows, and the id the next page begins below."""

    rows: list[TrailRow]
    before: int | None


class Trail:
    """Reads; what is exported is noted."""

    def __init__(self, *, database: Database, commits: GroupCommit, clock: Clock, hub: Hub) -> None:
        self._database = database
        self._commits = commits
        self._clock = clock
        self._hub = hub

    def page(self, wanted: Wanted, before: int | None) -> TrailPage:
        """The newest rows that fit, below an id."""
        with self._database.read() as session:
            rows = audit_trail.page(session, wanted, before=before, limit=PAGE + 1)
        more = len(rows) > PAGE
        return TrailPage(rows[:PAGE], rows[PAGE - 1].id if more else None)

    def names(self) -> dict[str, str]:
        """What people are called, by username and by `user:<id>`, as rows name them."""
        with self._database.read() as session:
            everybody = accounts.all_accounts(session)
        found = {each.username: each.name for each in everybody}
        return found | {f"user:{each.id}": each.name for each in everybody}

    def export(self, wanted: Wanted, *, actor: str) -> Iterator[list[TrailRow]]:
        """Every row that fits, newest first, in pieces; noted before the first one is read.

        ServiceError `not-stored`.
        """
        now = self._clock.now()
        asked = {
            "actor": wanted.actor,
            "action": wanted.action,
            "subject": wanted.subject,
            "from": wanted.start and wanted.start.isoformat(),
            "to": wanted.end and wanted.end.isoformat(),
        }

        def write(session: Session) -> None:
            audit.append(
                session,
                at=now,
                actor=actor,
                action="audit.exported",
                subject="audit",
                details={key: value for key, value in asked.items() if value is not None},
            )

        if not self._commits.submit(None, rows=write).ok:
            raise ServiceError("not-stored")
        return self._pieces(wanted)

    def _pieces(self, wanted: Wanted) -> Iterator[list[TrailRow]]:
        before: int | None = None
        for _ in range(MOST_EXPORTED // _PIECE):
            with self._database.read() as session:
                rows = audit_trail.page(session, wanted, before=before, limit=_PIECE)
            if not rows:
                return
            yield rows
            before = rows[-1].id
            self._hub.pause(0)
