"""Closing a month: its figures are kept as they were told, and whoever restates them says why.

A month has versions. The first closes it; a later one restates it by the figures of that moment, or
returns to an earlier version. None is ever changed or taken away, and each is noted in the audit
trail with the hash of its figures, so that `audit` finds any that was touched.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from agent_desk.dialer.business_time import business_date
from agent_desk.services.errors import ServiceError
from agent_desk.services.ports import Clock
from agent_desk.services.reports import month_figures
from agent_desk.services.reports.making import Asked
from agent_desk.services.reports.month_data import MonthFigures, days, read
from agent_desk.services.reports.requests import DATA, JOBS, Requests
from agent_desk.services.running.timers import Job
from agent_desk.services.write_door import WriteDoor
from agent_desk.store import audit
from agent_desk.store.reports import closed_months
from agent_desk.store.reports.closed_months import (
    CLOSED,
    RESTATED,
    RETURNED,
    ClosingDay,
    MonthVersion,
)
from agent_desk.store.unit_of_work import Database, Session

log = logging.getLogger(__name__)

KIND = "month_figures"
CLOCK = "desk"  # who closes a month on its day
LOOKED_EVERY_S = 60.0
MAKING_S = 300.0  # ten million calls by twenty campaigns, behind a year's report
LAST_DAY = 28  # there is one in every month
LONGEST_REASON = 200
OPEN_OFFERED = 13


@dataclass(frozen=True)
class Standing:
    """What may be done now: `open` are months that are over and not closed, the newest first;
    `closed` the versions of those that are, by month."""

    open: list[str]
    closed: dict[str, list[MonthVersion]]
    day: ClosingDay | None


class MonthClosing:
    """Has figures made beside the desk, and keeps them."""

    def __init__(
        self, *, database: Database, commits: WriteDoor, clock: Clock, requests: Requests
    ) -> None:
        self._database = database
        self._commits = commits
        self._clock = clock
        self._requests = requests

    @property
    def chores(self) -> tuple[Job, ...]:
        """What the desk does again and again."""
        return (Job("months", LOOKED_EVERY_S, self.step),)

    def standing(self) -> Standing:
        """Every closed month, and what may be closed."""
        with self._database.read() as session:
            versions, day = closed_months.every(session), closed_months.closing_day(session)
        closed: dict[str, list[MonthVersion]] = {}
        for each in versions:
            closed.setdefault(each.month, []).append(each)
        months, month = [], f"{self._today():%Y-%m}"
        for _ in range(OPEN_OFFERED):
            month = month_figures.before(month)
            months.append(month)
        return Standing([each for each in months if each not in closed], closed, day)

    def close(self, month: str, *, actor: str) -> None:
        """Keep the figures of a month that is over.

        ServiceError: month-unknown, month-not-over, month-closed, report-…, not-stored.
        """
        self._over(month)
        if self._versions(month):
            raise ServiceError("month-closed")
        self._keep(month, CLOSED, "", self._made(month, actor), base=0, actor=actor)

    def restate(self, month: str, *, based_on: int, reason: str, actor: str) -> None:
        """The figures of now are the next version.

        ServiceError: month-open, month-reason, month-changed (somebody was first), report-…,
        not-stored.
        """
        reason = self._reason(reason)
        self._newest(month, based_on)
        self._keep(month, RESTATED, reason, self._made(month, actor), base=based_on, actor=actor)

    def go_back(self, month: str, *, version: int, based_on: int, reason: str, actor: str) -> None:
        """What an earlier version said is the next one; ServiceError as `restate`, and
        month-unknown for a version there is not."""
        reason = self._reason(reason)
        self._newest(month, based_on)
        with self._database.read() as session:
            found = [each for each in closed_months.of_month(session, month)]
            earlier = next((each for each in found if each.version == version), None)
            if earlier is None or version >= based_on:
                raise ServiceError("month-unknown")
            parts = closed_months.parts(session, earlier.id)
        figures = MonthFigures(earlier.as_of, earlier.definitions, earlier.known, parts)
        self._keep(month, RETURNED, reason, figures, base=based_on, actor=actor)

    def set_day(self, day: int, *, based_on: int, actor: str) -> None:
        """On which day the month before is closed by itself; 0: on none. ServiceError month-day,
        month-changed, not-stored."""
        if not 0 <= day <= LAST_DAY:
            raise ServiceError("month-day", most=LAST_DAY)
        now = self._clock.now()

        def write(session: Session) -> bool:
            newest = closed_months.closing_day(session)
            if (0 if newest is None else newest.version) != based_on:
                return False
            closed_months.set_closing_day(session, ClosingDay(based_on + 1, day, actor, now))
            audit.append(
                session,
                at=now,
                actor=actor,
                action="month.closing_day_set",
                subject="month_closing",
                details={"version": based_on + 1, "day_of_month": day},
            )
            return True

        self._write(write)

    def step(self) -> bool:
        """Close the month before, from its day on; whether it did."""
        today = self._today()
        with self._database.read() as session:
            setting = closed_months.closing_day(session)
            month = month_figures.before(f"{today:%Y-%m}")
            if setting is None or not 0 < setting.day <= today.day:
                return False
            if closed_months.of_month(session, month):
                return False
        try:
            self.close(month, actor=CLOCK)
        except ServiceError as refused:  # what makes reports is away or busy: tried again
            log.warning("%s could not be closed yet: %s", month, refused.error_id)
            return False
        return True

    def _today(self) -> date:
        return business_date(self._clock.now())

    def _over(self, month: str) -> None:
        _, last = days(month)
        if self._today() <= last:
            raise ServiceError("month-not-over")

    def _versions(self, month: str) -> list[MonthVersion]:
        with self._database.read() as session:
            return closed_months.of_month(session, month)

    def _newest(self, month: str, based_on: int) -> None:
        versions = self._versions(month)
        if not versions:
            raise ServiceError("month-open")
        if versions[0].version != based_on:
            raise ServiceError("month-changed")

    def _reason(self, reason: str) -> str:
        found = reason.strip()
        if not 1 <= len(found) <= LONGEST_REASON or not found.isprintable():
            raise ServiceError("month-reason", most=LONGEST_REASON)
        return found

    def _made(self, month: str, actor: str) -> MonthFigures:
        """Of everybody: what somebody may see of it is their scope when they look."""
        asked = Asked(
            kind=KIND,
            params={"month": month},
            teams=None,
            user_id=None,
            username=actor,
            locale="ja",
            now=self._clock.now(),
        )
        return read(self._requests.ask(asked, DATA, within_s=MAKING_S, lane=JOBS).body)

    def _keep(
        self, month: str, kind: str, reason: str, figures: MonthFigures, *, base: int, actor: str
    ) -> None:
        now = self._clock.now()
        version = MonthVersion(
            id=0,
            month=month,
            version=base + 1,
            kind=kind,
            made_by=actor,
            made_at=now,
            reason=reason,
            as_of=figures.as_of,
            definitions=figures.definitions,
            known=figures.known,
            digest="",
        )
        version = replace(version, digest=closed_months.digest(version, figures.parts))

        def write(session: Session) -> bool:
            newest = closed_months.of_month(session, month)
            if (newest[0].version if newest else 0) != base:
                return False
            closed_months.add(session, version, figures.parts)
            # What was typed stays beside the figures: the trail never forgets a name.
            audit.append(
                session,
                at=now,
                actor=actor,
                action=f"month.{kind}",
                subject=f"month:{month}",
                details={"version": version.version, "digest": version.digest},
            )
            return True

        self._write(write)

    def _write(self, write: Callable[[Session], bool]) -> None:
        written = False

        def rows(session: Session) -> None:
            nonlocal written
            # Inside the one write door, so nobody can come between the look and the row.
            written = write(session)

        if not self._commits.submit(None, rows=rows, behind=True).ok:
            raise ServiceError("not-stored")
        if not written:
            raise ServiceError("month-changed")
