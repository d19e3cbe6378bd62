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
from collections.abc import Sequence
from datetime import UTC, datetime

from agent_desk import logs
from agent_desk.services.running.desk_door import DeskDoor
from agent_desk.store.unit_of_work import Database
from config import ConfigError, DeskConfig

log = logging.getLogger(__name__)

# Calls come first: what is done here waits for the processor behind the gateway and the desk.
NICE = 10
# One thread reads and seals ahead while another delivers. At Python's 5 ms each step of a delivery
# (connect, send, receive) would wait that long for its turn, and the desk for the next rows.
SWITCH_S = 0.0005
REPORTS = "--reports"


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
    # Each loads what it needs only: reports come sooner without what reads lists and recordings.
    if arguments == [REPORTS]:
        from agent_desk.worker_reports import make_reports

        make_reports(config, database, door, stopping)
    else:
        from agent_desk.worker_jobs import Worker

        Worker(config=config, database=database, door=door, stopping=stopping).run()
    database.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
