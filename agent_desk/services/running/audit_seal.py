"""Sealing the audit trail: committed rows are chained each second, the head noted each minute."""

from __future__ import annotations

import logging
from pathlib import Path

from agent_desk.services.ports import Clock
from agent_desk.store import audit, system
from agent_desk.store.system import Superseded
from agent_desk.store.unit_of_work import Database

log = logging.getLogger(__name__)

MOST_AT_ONCE = 500


class AuditSealer:
    """The one sealer of a desk; `seal` and `note_head` are its timer's jobs.

    It remembers the end of the chain: rows that are taken out of it between two heads, a minute
    apart, would be sealed anew with other words. Where the end is not what it was, the remembered
    one is noted outside, and `python -m agent_desk audit` names the place from then on.

    The trail is the newest desk's: two sealers would give one place to two rows. One of an older
    `epoch` that is still alive does nothing more.
    """

    def __init__(
        self, *, database: Database, key: bytes, clock: Clock, data_dir: Path, epoch: int
    ) -> None:
        self._database = database
        self._epoch = epoch
        self._key = key
        self._clock = clock
        self._log = data_dir / audit.HEAD_LOG
        self._end: audit.Head | None = None

    def seal(self) -> int:
        """Chain what was committed since; returns how many rows. Asks before it writes."""
        with self._database.read() as session:
            if not audit.unsealed(session):
                return 0
        try:
            with self._database.write() as session:
                system.fence(session, self._epoch)
                found = audit.head(session)
                count = audit.seal(session, self._key, limit=MOST_AT_ONCE)
                end = audit.head(session)
        except Superseded:
            return 0
        remembered, self._end = self._end, end
        if remembered is not None and remembered != found:
            log.error("the audit trail was changed behind its sealer")
            audit.append_head(self._log, remembered, at=self._clock.now())
        return count

    def note_head(self) -> audit.Head | None:
        """Note how long the chain is, in the database and in the file outside it."""
        now = self._clock.now()
        try:
            with self._database.write() as session:
                system.fence(session, self._epoch)
                head = audit.note_head(session, at=now)
        except Superseded:
            return None
        audit.append_head(self._log, head, at=now)
        return head
