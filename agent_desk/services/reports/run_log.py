"""The log of report runs: who asked for what, when it was made, how many rows it had.

A page view must not put a commit in front of a call: runs are gathered and written a few seconds
later, together, behind whatever calls have to say. Runs of the last seconds before a crash are
lost with it; files that left the house are noted in the audit trail before they do.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from agent_desk.services.ports import Clock
from agent_desk.services.reports.requests import ENDED, Request
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.services.running.timers import Job
from agent_desk.store.reports import runs
from agent_desk.store.reports.runs import Run
from agent_desk.store.unit_of_work import Database, Session

WRITTEN_EVERY_S = 3.0
KEPT = timedelta(days=400)
SHOWN = 100
INTERRUPTED = "interrupted"  # begun, and never ended: the desk was started anew meanwhile


class RunLog:
    """Gathers and writes; reads for the page."""

    def __init__(self, *, database: Database, commits: GroupCommit, clock: Clock) -> None:
        self._database = database
        self._commits = commits
        self._clock = clock
        self._gathered: dict[str, Run] = {}
        self._lock = threading.Lock()
        self._tidied_on: date | None = None

    @property
    def chores(self) -> tuple[Job, ...]:
        """What the desk does again and again."""
        return (Job("report-runs", WRITTEN_EVERY_S, self.write),)

    def note(self, request: Request) -> None:
        """How a request stands; the newest word is written."""
        self.add(_run(request))

    def add(self, run: Run) -> None:
        """How a run stands that nobody waits for at a page; the newest word is written."""
        with self._lock:
            self._gathered[run.id] = run

    def write(self) -> None:
        """Write what was gathered; kept for the next turn where that fails."""
        with self._lock:
            gathered, self._gathered = self._gathered, {}
        today = self._clock.now().date()
        if not gathered and self._tidied_on == today:
            return

        def rows(session: Session) -> None:
            runs.keep(session, gathered.values())
            if self._tidied_on != today:
                runs.forget(session, self._clock.now() - KEPT)

        if self._commits.submit(None, rows=rows, behind=True).ok:
            self._tidied_on = today
            return
        with self._lock:
            self._gathered = {**gathered, **self._gathered}

    def newest(self, before: datetime | None) -> Sequence[Run]:
        """A page of the log, what is not written yet included."""
        with self._database.read() as session:
            written = runs.newest(session, before=before, limit=SHOWN)
        with self._lock:
            fresh = [
                run for run in self._gathered.values() if before is None or run.asked_at < before
            ]
        told = {run.id: run for run in (*written, *fresh)}
        return sorted(told.values(), key=lambda run: run.asked_at, reverse=True)[:SHOWN]

    def named(self, run_id: str, *, username: str) -> Run | None:
        """A run of this person that was written."""
        with self._database.read() as session:
            return runs.named(session, run_id, username=username)


def _run(request: Request) -> Run:
    asked, answer = request.asked, request.answer
    first, last = days_of(asked.params)
    return Run(
        id=request.id,
        username=asked.username,
        kind=asked.kind,
        params=dict(asked.params),
        first_on=first,
        last_on=last,
        form=request.form,
        lane=request.lane,
        state=request.state,
        asked_at=request.asked_at,
        started_at=request.started_at,
        ended_at=request.ended_at,
        as_of=datetime.fromisoformat(answer.as_of) if answer and answer.as_of else None,
        rows=answer.rows if answer else 0,
        error_id=request.error_id or None,
    )


def days_of(params: Mapping[str, str]) -> tuple[date | None, date | None]:
    """First and last day of a question; None where it has none."""
    day = params.get("day")
    return _day(params.get("from") or day), _day(params.get("to") or day)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def standing(run: Run, *, alive: bool) -> str:
    """The run's state as people read it; `alive`: the desk still knows of it."""
    return run.state if run.state in ENDED or alive else INTERRUPTED
