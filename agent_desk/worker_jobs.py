"""What the worker does of the desk's queue: files of lists, and recordings."""

from __future__ import annotations

import logging
import threading
import time

from agent_desk.clock import SystemClock
from agent_desk.services.lists.import_work import ImportWork
from agent_desk.services.recordings.work import NotThere, RecordingWork
from agent_desk.services.running.desk_door import DeskAway, DeskDoor
from agent_desk.store.lists import batches as import_batches
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database, DatabaseBusy
from config import DeskConfig

log = logging.getLogger(__name__)

POLL_S = 0.5
DESK_AWAY_S = 2.0
DELETE_EVERY_S = 6 * 3600.0
UNREACHED_S = 60.0


class Worker:
    """Does the queued jobs, one after the other, until told to stop."""

    def __init__(
        self, *, config: DeskConfig, database: Database, door: DeskDoor, stopping: threading.Event
    ) -> None:
        self._config = config
        self._database = database
        self._door = door
        self._stopping = stopping
        self._clock = SystemClock(config.clock_start, config.clock_anchor)
        self._recordings = RecordingWork(
            database=database,
            door=door,
            directory=config.recording_dir,
            keys=config.recording_keys,
            stopping=stopping.is_set,
        )
        self._imports = ImportWork(
            database=database,
            sealer=Sealer.of_keys(config.data_keys, config.index_key),
            door=door,
            now=self._clock.now,
            practice=config.practice,
            stopping=stopping.is_set,
        )
        self._verify_at = self._delete_at = 0.0  # monotonic

    def run(self) -> None:
        """Poll until stopped."""
        while not self._stopping.wait(POLL_S):
            try:
                self._database.tidy()
                self.do_queued()
                self.do_recordings()
            except DeskAway as away:
                log.info("the desk is away: %s", away)
                self._stopping.wait(DESK_AWAY_S)
            except DatabaseBusy:
                log.warning("the database is busy")
            except Exception:  # boundary: one bad job must not end the process
                log.exception("a job failed")
                self._stopping.wait(DESK_AWAY_S)

    def do_queued(self) -> int:
        """Do what is queued at this moment; returns how many jobs were done."""
        with self._database.read() as session:
            jobs = import_batches.queued_jobs(session)
        for job in jobs:
            if job.kind == import_batches.IMPORT_JOB:
                self._imports.do(int(job.payload["batch_id"]))
        return len(jobs)

    def do_recordings(self) -> None:
        """Verify what gateways have closed; a few times a day, delete what has been kept enough."""
        now = time.monotonic()
        try:
            if now >= self._verify_at:
                self._recordings.verify_new()
            if now >= self._delete_at:
                self._delete_at = now + DELETE_EVERY_S
                self._recordings.delete_expired(self._clock.now())
                self._imports.expire()
        except NotThere as gone:
            log.warning("recordings cannot be reached: %s", gone)
            self._verify_at = now + UNREACHED_S
