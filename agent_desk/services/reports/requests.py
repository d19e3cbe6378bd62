"""What people ask of reports, and the process beside the desk that makes them.

The desk makes no report itself: it hands a request to whoever fetches work at its internal door,
waits green, and passes on what comes back. Requests live in memory; a desk that is started anew
has none, and whoever waited asks again.

A process that dies while it makes one is replaced by a new one (another `boot`), and gets what was
in flight once more; what has killed two is refused. The same goes for a poller that comes for more
without having answered.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from agent_desk.services.errors import ServiceError
from agent_desk.services.reports.making import Asked

QUICK = "quick"
JOBS = "jobs"
LANES = (QUICK, JOBS)
PAGE = "page"  # answered with a fragment of HTML; every other form is a file
PRINT = "print"
DATA = "data"  # answered with what the maker says, for a program: the desk itself, the API

QUICK_S = 30.0
POLL_S = 20.0
LOOK_S = 0.5  # so often it is looked whether the browser still waits
# Nobody has come for work for so long after a question: it is not there.
AWAY_S = 10.0
MOST_WAITING = 64
MOST_JOBS = 8
HANDED_OUT_AT_MOST = 2
# Ended jobs one may still look at; their files are gone sooner.
JOBS_KEPT = 50

WAITING, MAKING, DONE, FAILED, CANCELLED = "waiting", "making", "done", "failed", "cancelled"
ENDED = (DONE, FAILED, CANCELLED)


@dataclass(frozen=True)
class Answer:
    """What was made: HTML for the page, or the name of a file in the folder of reports."""

    body: bytes = b""
    file: str = ""
    rows: int = 0
    as_of: str = ""
    replaced: int = 0  # characters that the file's encoding has no place for


@dataclass(eq=False)
class Request:
    """One request on its way. `asked_at` and its like are business time."""

    id: str
    asked: Asked
    form: str
    lane: str
    asked_at: datetime
    state: str = WAITING
    poller: tuple[str, str] | None = None  # boot, name
    handed_out: int = 0
    share: float = 0.0
    words: str = ""
    answer: Answer | None = None
    error_id: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    done: threading.Event = field(default_factory=threading.Event)


class Requests:
    """The queue between pages and makers; `noted` is told of each job that is begun, and of each
    request that is over."""

    def __init__(
        self, *, now: Callable[[], datetime], noted: Callable[[Request], None] = lambda _: None
    ) -> None:
        self._now = now
        self._noted = noted
        self._changed = threading.Condition()
        self._queues: dict[str, deque[Request]] = {lane: deque() for lane in LANES}
        self._making: dict[str, Request] = {}
        self._jobs: dict[str, Request] = {}
        self._boot = ""
        self._polling = 0
        self._heard = time.monotonic()
        self._stopped = False

    # --- of those who ask -----------------------------------------------------------------------

    def ask(
        self,
        asked: Asked,
        form: str = PAGE,
        *,
        within_s: float = QUICK_S,
        gone: Callable[[], bool] = lambda: False,
        lane: str = QUICK,
    ) -> Answer:
        """Wait for a report, a quick one by default; ServiceError `report-…`. `gone`: nobody waits
        any more."""
        request = self._add(asked, form, lane, most=MOST_WAITING)
        since = time.monotonic()
        until = since + within_s
        while not request.done.wait(min(LOOK_S, max(0.0, until - time.monotonic()))):
            if gone():
                self._end(request, CANCELLED)
            elif time.monotonic() >= until:
                self._end(request, FAILED, "report-late")
            elif request.state == WAITING and self._nobody_comes(since):
                self._end(request, FAILED, "report-away")
        if request.answer is None:
            raise ServiceError(request.error_id or "report-forgotten")
        return request.answer

    def begin(self, asked: Asked, form: str) -> str:
        """Queue a long report; its id. ServiceError `report-busy`."""
        request = self._add(asked, form, JOBS, most=MOST_JOBS)
        with self._changed:
            self._jobs[request.id] = request
            over = [each.id for each in self._jobs.values() if each.state in ENDED]
            for job_id in over[: max(0, len(self._jobs) - JOBS_KEPT)]:
                del self._jobs[job_id]
        self._noted(request)
        return request.id

    def job(self, job_id: str, *, username: str, teams: frozenset[int] | None) -> Request:
        """A job of this person, whose scope is still what it was made in; ServiceError
        `report-forgotten`."""
        found = self._jobs.get(job_id)
        if found is None or (found.asked.username, found.asked.teams) != (username, teams):
            raise ServiceError("report-forgotten")
        return found

    def knows(self, job_id: str) -> bool:
        """Whether this is a job since the desk was started."""
        return job_id in self._jobs

    def cancel(self, job: Request) -> None:
        """It is not wanted any more; one that is over stays as it is."""
        self._end(job, CANCELLED)

    # --- of those who make ----------------------------------------------------------------------

    def next(
        self,
        lane: str,
        *,
        boot: str,
        poller: str,
        within_s: float = POLL_S,
        gone: Callable[[], bool] = lambda: False,
    ) -> Request | None:
        """The next request of the lane, None when there was none for so long. `gone`: whoever
        came for work is dead, and must not be given any."""
        until = time.monotonic() + within_s
        with self._changed:
            self._recognise(boot, poller)
            with self._counted():
                while not self._stopped and self._boot == boot and not gone():
                    if self._queues[lane]:
                        return self._hand_out(self._queues[lane].popleft(), (boot, poller))
                    rest = until - time.monotonic()
                    if rest <= 0:
                        break
                    self._changed.wait(min(rest, LOOK_S))
            return None

    def progress(self, request_id: str, share: float, words: str) -> bool:
        """How far it is; whether it is still wanted."""
        request = self._making.get(request_id)
        if request is None:
            return False
        self._heard = time.monotonic()
        request.share, request.words = share, words
        return True

    def answer(self, request_id: str, answer: Answer) -> bool:
        """It is made; whether anybody still wanted it."""
        request = self._making.get(request_id)
        if request is None:
            return False
        request.answer = answer
        request.share = 1.0
        self._end(request, DONE)
        return True

    def fail(self, request_id: str, error_id: str) -> None:
        """It could not be made."""
        request = self._making.get(request_id)
        if request is not None:
            self._end(request, FAILED, error_id)

    def stop(self) -> None:
        """Let everybody go who waits: the desk is leaving."""
        with self._changed:
            self._stopped = True
            waiting = [*self._making.values(), *(r for q in self._queues.values() for r in q)]
            self._changed.notify_all()
        for request in waiting:
            self._end(request, FAILED, "report-away")

    # --- within ---------------------------------------------------------------------------------

    def _add(self, asked: Asked, form: str, lane: str, *, most: int) -> Request:
        request = Request(secrets.token_urlsafe(12), asked, form, lane, self._now())
        with self._changed:
            if self._stopped:
                raise ServiceError("report-away")
            if len(self._queues[lane]) >= most:
                raise ServiceError("report-busy")
            self._queues[lane].append(request)
            self._changed.notify_all()
        return request

    def _recognise(self, boot: str, poller: str) -> None:
        """What a process that is no more was making, or this poller, is queued again, once."""
        self._heard = time.monotonic()
        if boot != self._boot:
            self._boot = boot
            self._changed.notify_all()
        lost = [
            each
            for each in self._making.values()
            if each.poller is not None and (each.poller[0] != boot or each.poller[1] == poller)
        ]
        for request in lost:
            if request.handed_out >= HANDED_OUT_AT_MOST:
                self._end(request, FAILED, "report-died")
                continue
            del self._making[request.id]
            request.state, request.poller = WAITING, None
            self._queues[request.lane].appendleft(request)
            self._changed.notify_all()

    def _hand_out(self, request: Request, poller: tuple[str, str]) -> Request:
        request.state, request.poller = MAKING, poller
        request.handed_out += 1
        request.started_at = request.started_at or self._now()
        self._making[request.id] = request
        return request

    def _end(self, request: Request, state: str, error_id: str = "") -> None:
        with self._changed:
            if request.state in ENDED:
                return
            request.state, request.error_id = state, error_id
            request.ended_at = self._now()
            self._making.pop(request.id, None)
            if request in self._queues[request.lane]:
                self._queues[request.lane].remove(request)
        self._noted(request)
        request.done.set()

    def _nobody_comes(self, since: float) -> bool:
        """Neither a while before somebody asked nor a while after: the process starts after the
        desk, and whoever opens a page in between need not try again."""
        return not self._polling and time.monotonic() - max(since, self._heard) > AWAY_S

    @contextmanager
    def _counted(self) -> Iterator[None]:
        self._polling += 1
        try:
            yield
        finally:
            self._polling -= 1
            self._heard = time.monotonic()
