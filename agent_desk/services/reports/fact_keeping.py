"""Keeping the facts beside the desk: one thread makes them of the rows, the reports read them.

Every few seconds what is new is read; a report moves on to the newest state before it is made, so
its "as of" is some seconds ago. The first time, and after a change of format, everything is read:
meanwhile reports of the past say how far it is instead of half a figure.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from agent_desk.services.errors import ServiceError
from agent_desk.store import system
from agent_desk.store.facts.reading import Facts, NoFacts
from agent_desk.store.facts.segments import DamagedSegment
from agent_desk.store.facts.writing import FactWriter
from agent_desk.store.sealing import CannotOpen, Sealer
from agent_desk.store.unit_of_work import Database, DatabaseBusy

log = logging.getLogger(__name__)

EVERY_S = 3.0
# A pass gives way between portions, so that a report need not wait for all of them.
GIVE_WAY_S = 0.05


class FactKeeper:
    """Writes in a thread of its own; `facts` are for whoever reads."""

    def __init__(
        self,
        directory: Path,
        *,
        database: Database,
        sealer: Sealer,
        now: Callable[[], datetime],
        stopping: threading.Event,
    ) -> None:
        self._directory = directory
        self._sealer = sealer
        self._stopping = stopping
        self._lock = threading.Lock()
        self._damaged = threading.Event()  # what is there cannot be read
        self._facts: Facts | None = None
        self._writer: FactWriter | None = None
        self._database = database
        self._now = now

    def start(self) -> threading.Thread:
        """Keep them until told to stop."""
        thread = threading.Thread(target=self.keep, name="facts", daemon=True)
        thread.start()
        return thread

    def keep(self) -> None:
        """Pass after pass."""
        while not self._stopping.is_set():
            whole = True
            try:
                whole = self.keep_once()
            except DatabaseBusy:
                log.warning("the database is busy")
            except Exception:  # boundary: reports go on with what there is
                log.exception("facts could not be made")
                self._writer = None
            self._stopping.wait(EVERY_S if whole else GIVE_WAY_S)

    def keep_once(self) -> bool:
        """One pass; whether nothing was left."""
        if self._writer is None:
            self._writer = self.writer()
        if self._damaged.is_set():
            self._damaged.clear()
            self._writer.begin_anew()
        try:
            return self._writer.one_pass().whole
        except DamagedSegment as damaged:
            log.error("the facts cannot be merged and are made anew: %s", damaged)
            self._damaged.set()
            return False

    def facts(self) -> Facts:
        """The newest state; ServiceError `report-unready` until everything was read once."""
        with self._lock:
            try:
                if self._facts is None:
                    self._facts = Facts(self._directory, self._sealer)
                self._facts.follow()
            except (NoFacts, DamagedSegment, CannotOpen) as missing:
                self._facts = None
                if not isinstance(missing, NoFacts):
                    log.error("the facts cannot be read and are made anew: %s", missing)
                    self._damaged.set()
                raise ServiceError("report-unready") from None
            if not self._facts.whole:
                raise ServiceError("report-unready")
            return self._facts.snapshot()

    def writer(self) -> FactWriter:
        """One of the database there is now; there may be one at a time."""
        with self._database.read() as session:
            identity = system.identity(session)
        return FactWriter(
            self._directory,
            database=self._database,
            identity=identity,
            sealer=self._sealer,
            now=self._now,
        )
