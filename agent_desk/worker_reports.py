"""The process that makes reports: it keeps the facts, comes for work, and gives memory back."""

from __future__ import annotations

import logging
import os
import threading
from pathlib import Path

from agent_desk.catalogue import LOCALES
from agent_desk.clock import SystemClock
from agent_desk.services.mailing.work import MailWork
from agent_desk.services.reports import pages
from agent_desk.services.reports.fact_keeping import FactKeeper
from agent_desk.services.reports.making import Ground
from agent_desk.services.reports.work import ReportWork
from agent_desk.services.running.desk_door import DeskDoor
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database
from config import DeskConfig

log = logging.getLogger(__name__)

MEMORY_LOOK_S = 5.0
MOST_BYTES = 3 * 2**30


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
    pages.prepare(LOCALES[0])  # before anybody waits for it
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
