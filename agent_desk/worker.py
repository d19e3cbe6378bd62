"""The worker: what would hold the desk up for seconds is done here, in a process of its own.

It reads, checks and seals files of lists, and verifies, compresses and, when their time is over,
deletes recordings.

With `--reports` it makes reports instead, as a process of its own: no import stands in the way of
a page somebody waits for (`services/reports/work.py`). Those on a schedule it sends by mail, where
a server is named (`services/mailing/work.py`).

`python -m agent_desk.worker`, not monkey-patched, the database open for reading only. It polls
for queued jobs and returns what must be written to the desk's write door over HTTP, in small
deliveries, which the desk takes behind its commands: however large the import, calls come first.
A job interrupted by a crash is begun again; the desk takes each row once.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from agent_desk import logs
from agent_desk.clock import SystemClock
from agent_desk.services.lists.import_work import ImportWork
from agent_desk.services.mailing.work import MailWork
from agent_desk.services.recordings.work import NotThere, RecordingWork
from agent_desk.services.reports.fact_keeping import FactKeeper
from agent_desk.services.reports.making import Ground
from agent_desk.services.reports.work import ReportWork
from agent_desk.services.running.desk_door import DeskAway, DeskDoor
from agent_desk.store.lists import batches as import_batches
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database, DatabaseBusy
from config import ConfigError, DeskConfig

log = logging.getLogger(__name__)

POLL_S = 0.5
DESK_AWAY_S = 2.0
DELETE_EVERY_S = 6 * 3600.0
UNREACHED_S = 60.0
# Calls come first: what is done here waits for the processor behind the gateway and the desk.
NICE = 10
# One thread reads and seals ahead while another delivers. At Python's 5 ms each step of a delivery
# (connect, send, receive) would wait that long for its turn, and the desk for the next rows.
SWITCH_S = 0.0005
REPORTS = "--reports"
MEMORY_LOOK_S = 5.0
MOST_BYTES = 3 * 2**30


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


def main(arguments: Sequence[str]) -> int:
    """Work until SIGTERM or Ctrl-C; the exit code for the shell."""
    if arguments not in ([], [REPORTS]):
        sys.stderr.write(f"usage: python -m agent_desk.worker [{REPORTS}]\n")
        return 2
    logs.set_up()
    try:
        config = DeskConfig.from_environ(os.environ)
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    log.info("the worker starts at %s", datetime.now(UTC).isoformat(timespec="seconds"))
    os.nice(NICE)
    sys.setswitchinterval(SWITCH_S)
    database = Database(config.database_url, readonly=True)
    door = DeskDoor(config.url, secret_key=config.secret_key, tls_cert=config.tls_cert)
    if arguments == [REPORTS]:
        make_reports(config, database, door, stopping)
    else:
        Worker(config=config, database=database, door=door, stopping=stopping).run()
    database.close()
    return 0


def make_reports(
    config: DeskConfig, database: Database, door: DeskDoor, stopping: threading.Event
) -> None:
    """Make what is asked until told to stop, or until the memory it took is to be given back:
    whoever keeps the process running starts it anew, and what was in flight is handed out again.
    """
    sealer = Sealer.of_keys(config.data_keys, config.index_key)
    keeper = FactKeeper(
        config.data_dir / "facts",
        database=database,
        sealer=sealer,
        now=SystemClock(config.clock_start, config.clock_anchor).now,
        stopping=stopping,
    )
    keeper.start()
    ground = Ground(database=database, sealer=sealer, facts=keeper.facts)
    directory = config.data_dir / "reports"
    ReportWork(door=door, ground=ground, directory=directory, stopping=stopping).start()
    if config.mail is not None:
        MailWork(
            door=door, ground=ground, server=config.mail, directory=directory, stopping=stopping
        ).start()
    while not stopping.wait(MEMORY_LOOK_S):
        held = resident_bytes()
        if held > MOST_BYTES:
            log.warning("%d MB are held: begun anew", held // 2**20)
            break


def resident_bytes() -> int:
    """The memory this process holds; 0 where the system does not tell. What is mapped of files is
    not its own: the system takes it back when it wants."""
    try:
        _, resident, mapped = Path("/proc/self/statm").read_text().split()[:3]
        pages = int(resident) - int(mapped)
    except (OSError, ValueError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
