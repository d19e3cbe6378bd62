"""What the desk does by itself, again and again: ticks, pacing, counts, sealing, cleaning up.

Each job runs in the background of the server and survives its own failures; nothing here decides
anything, it only asks those who do.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from agent_desk.services.ports import Clock, Hub

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Job:
    """Something to do every `every_s` seconds; `one_in` so many of the desk's time at most, so that
    a large floor has it less often, not everything else later."""

    name: str
    every_s: float
    work: Callable[[], object]
    one_in: int = 0


class Timers:
    """Runs jobs until stopped. `late` is told how much later than asked the server woke us."""

    def __init__(self, *, hub: Hub, clock: Clock, late: Callable[[float], None]) -> None:
        self._hub = hub
        self._clock = clock
        self._late = late
        self._stopping = False

    def start(self, jobs: list[Job]) -> None:
        for job in jobs:
            self._hub.spawn(self._run, job)

    def stop(self) -> None:
        self._stopping = True

    def _run(self, job: Job) -> None:
        took_s = 0.0
        while not self._stopping:
            asked, wanted_s = self._clock.monotonic(), max(job.every_s, job.one_in * took_s)
            self._hub.pause(wanted_s)
            began = self._clock.monotonic()
            self._late(max(0.0, began - asked - wanted_s))
            try:
                job.work()
            except Exception:  # boundary: a timer's job is tried again at its next turn
                log.exception("the job %s failed", job.name)
            took_s = self._clock.monotonic() - began
