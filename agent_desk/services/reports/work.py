"""Reports made beside the desk: fetched at its internal door, made, rendered and handed in.

One thread for each poller: two for what people wait for, one for long jobs, so that these never
stand in the way of those.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from agent_desk.catalogue import translate
from agent_desk.services.errors import ServiceError
from agent_desk.services.reports import call_filters, closed_notes, files, pages
from agent_desk.services.reports.kinds import KINDS
from agent_desk.services.reports.making import Asked, Cancelled, Ground, Made, Maker
from agent_desk.services.reports.requests import DATA, JOBS, PAGE, PRINT, QUICK, QUICK_S
from agent_desk.services.running.desk_door import DeskAway, DeskDoor, DeskRefused
from agent_desk.store.unit_of_work import DatabaseBusy

log = logging.getLogger(__name__)

POLLERS = (("quick-1", QUICK), ("quick-2", QUICK), ("jobs", JOBS))
DESK_AWAY_S = 1.0
TOLD_EVERY_S = 0.5
KEPT_S = 6 * 3600.0
COUNTED = 0.6  # the share of a file's time that is over when its figures are there


class ReportWork:
    """Makes what is asked until told to stop."""

    def __init__(
        self,
        *,
        door: DeskDoor,
        ground: Ground,
        directory: Path,
        stopping: threading.Event,
        kinds: Mapping[str, Maker] = KINDS,
    ) -> None:
        """`directory` takes the files; what has lain there for hours is deleted."""
        self._door = door
        self._ground = ground
        self._directory = directory
        self._stopping = stopping
        self.kinds = kinds
        self._boot = secrets.token_urlsafe(8)

    def start(self) -> list[threading.Thread]:
        """Serve every lane, each poller in its thread."""
        self._directory.mkdir(parents=True, exist_ok=True)
        threads = [
            threading.Thread(target=self.serve, args=each, name=each[0], daemon=True)
            for each in POLLERS
        ]
        for thread in threads:
            thread.start()
        return threads

    def serve(self, poller: str, lane: str) -> None:
        """Fetch and make, one after the other."""
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                if not self.step(poller, lane) and time.monotonic() - began < DESK_AWAY_S:
                    self._stopping.wait(DESK_AWAY_S)  # a desk that is leaving has no work
            except DeskAway as away:
                log.info("the desk is away: %s", away)
                self._stopping.wait(DESK_AWAY_S)
            except Exception:  # boundary: one bad report must not end the process
                log.exception("a report failed")
                self._stopping.wait(DESK_AWAY_S)

    def step(self, poller: str, lane: str) -> bool:
        """Wait for one request and answer it; False when there was none."""
        told = self._door.tell(
            "/internal/reports/next", {"lane": lane, "boot": self._boot, "poller": poller}
        )
        if lane == JOBS:
            self._remove_old()
        if not told:
            return False
        request_id = str(told["id"])
        try:
            self._answer(request_id, asked_of(told), str(told["form"]), lane)
        except Cancelled:
            log.info("a report is not wanted any more")
        except ServiceError as refused:
            self._fail(request_id, refused.error_id)
        except OverflowError:  # the last day there is has no day after it
            self._fail(request_id, "bad-payload")
        except DatabaseBusy:
            self._fail(request_id, "report-busy")
        except (DeskAway, DeskRefused):
            raise
        except Exception:  # boundary: whoever waits is told, and the next one has its turn
            log.exception("the report %s failed", told.get("kind"))
            self._fail(request_id, "report-broken")
        return True

    def _answer(self, request_id: str, asked: Asked, form: str, lane: str) -> None:
        maker = self.kinds.get(asked.kind)
        if maker is None:
            raise ServiceError("report-unknown")
        tell = self._teller(request_id, asked.locale, lane)
        part = 1.0 if form in (PAGE, PRINT, DATA) else COUNTED

        def counting(share: float, words: str, **values: object) -> None:
            tell(share * part, words, **values)

        made = maker(asked, replace(self._ground, tell=counting))
        made = closed_notes.noted(made, asked, self._ground)
        made = replace(made, filters=call_filters.said(asked))
        told: dict[str, Any] = {"rows": made.row_count, "as_of": made.as_of.isoformat()}
        body = b""
        if form == PAGE:
            body = pages.fragment(made, asked)
        elif form == PRINT:
            body = pages.print_view(made, asked)
        elif form == DATA:
            body = made.data()
        else:
            told |= self._file(request_id, made, asked, form, tell)
        self._door.upload(f"/internal/reports/{request_id}/answer?{urlencode(told)}", body)

    def _file(
        self, request_id: str, made: Made, asked: Asked, form: str, tell: Callable[..., None]
    ) -> dict[str, Any]:
        name = f"{request_id}.{files.EXTENSIONS[form]}"
        path = self._directory / name
        if made.filters:
            made = replace(made, tables=[*made.tables, call_filters.table(made)])
        if made.closed:
            made = replace(made, tables=[*made.tables, closed_notes.table(made, asked.locale)])

        def writing(share: float) -> None:
            tell(COUNTED + (1 - COUNTED) * share, "report.writing")

        with ExitStack() as given_up:
            given_up.callback(path.unlink, missing_ok=True)  # nobody fetches half a file
            replaced = files.write(made, asked, form, path, tell=writing)
            given_up.pop_all()
        return {"file": name, "replaced": replaced}

    def _teller(self, request_id: str, locale: str, lane: str) -> Callable[..., None]:
        """Of a job: tells the desk, and raises `Cancelled`. Of what is quick: looks at the time."""
        started = time.monotonic()
        told_at = 0.0

        def tell(share: float, words: str, **values: object) -> None:
            nonlocal told_at
            if self._stopping.is_set():
                raise Cancelled
            now = time.monotonic()
            if lane == QUICK:
                if now - started > QUICK_S:
                    raise Cancelled
                return
            if now - told_at < TOLD_EVERY_S:
                return
            told_at = now
            said = {"share": share, "words": translate(words, locale=locale, **values)}
            if not self._door.tell(f"/internal/reports/{request_id}/progress", said)["wanted"]:
                raise Cancelled

        return tell

    def _fail(self, request_id: str, error_id: str) -> None:
        self._door.tell(f"/internal/reports/{request_id}/fail", {"error_id": error_id})

    def _remove_old(self) -> None:
        for path in self._directory.iterdir():
            if time.time() - path.stat().st_mtime > KEPT_S:
                path.unlink(missing_ok=True)


def asked_of(told: Mapping[str, Any]) -> Asked:
    """A request as the desk's internal door tells it."""
    return Asked(
        kind=told["kind"],
        params=told["params"],
        teams=None if told["teams"] is None else frozenset(told["teams"]),
        user_id=told["user_id"],
        username=told["username"],
        locale=told["locale"],
        now=datetime.fromisoformat(told["now"]),
        role=told["role"],
    )
