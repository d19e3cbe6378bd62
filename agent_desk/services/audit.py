"""Sealing the audit trail: committed rows are chained each second, the head noted each minute."""

from __future__ import annotations

from pathlib import Path

from agent_desk.services.ports import Clock
from agent_desk.store import audit
from agent_desk.store.unit_of_work import Database

MOST_AT_ONCE = 500


class AuditSealer:
    """The one sealer of a desk; `seal` and `note_head` are its timer's jobs."""

    def __init__(self, *, database: Database, key: bytes, clock: Clock, data_dir: Path) -> None:
        self._database = database
        self._key = key
        self._clock = clock
        self._log = data_dir / audit.HEAD_LOG

    def seal(self) -> int:
        """Chain what was committed since; returns how many rows. Asks before it writes."""
        with self._database.read() as session:
            if not audit.unsealed(session):
                return 0
        with self._database.write() as session:
            return audit.seal(session, self._key, limit=MOST_AT_ONCE)

    def note_head(self) -> audit.Head:
        """Note how long the chain is, in the database and in the file outside it."""
        now = self._clock.now()
        with self._database.write() as session:
            head = audit.note_head(session, at=now)
        audit.append_head(self._log, head, at=now)
        return head
