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
    """Something to do every `every_s` seconds."""

    name: str
    every_s: float
    work: Callable[[], object]


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
        while not self._stopping:
            asked = self._clock.monotonic()
            self._hub.pause(job.every_s)
            self._late(max(0.0, self._clock.monotonic() - asked - job.every_s))
            try:
                job.work()
            except Exception:  # boundary: a timer's job is tried again at its next turn
                log.exception("the job %s failed", job.name)
