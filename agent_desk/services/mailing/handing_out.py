"""The desk's end of mail: what has fallen due becomes mails, and these are handed out to the
process that makes reports, one by one, each with the scope its recipient has at that moment.

The desk sends none itself: a server that is slow would hold up calls. A mail is marked as begun,
and noted as leaving the house, before it is handed out.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from agent_desk.dialer.business_time import business_date
from agent_desk.services.errors import ServiceError
from agent_desk.services.mailing import recipients
from agent_desk.services.mailing.due import last_due, next_due
from agent_desk.services.mailing.recipients import OWNER_GONE, Sendables
from agent_desk.services.mailing.schedules import Schedules, rhythm_of
from agent_desk.services.mailing.tries import (
    HELD,
    INTERRUPTED,
    TRY_LATER,
    TRY_SENT,
    Ending,
    standing_after,
    standing_interrupted,
)
from agent_desk.services.ports import Clock
from agent_desk.services.reports import periods
from agent_desk.services.reports.making import Asked
from agent_desk.services.reports.requests import DONE
from agent_desk.services.reports.requests import FAILED as RUN_FAILED
from agent_desk.services.reports.run_log import RunLog, days_of
from agent_desk.services.running.business_start import is_business_day
from agent_desk.services.write_door import WriteDoor
from agent_desk.store import audit
from agent_desk.store.people import accounts
from agent_desk.store.reports import deliveries, schedules
from agent_desk.store.reports.deliveries import SKIPPED, WAITING, DeliveryRow, Standing
from agent_desk.store.reports.runs import Run
from agent_desk.store.reports.schedules import ScheduleRow
from agent_desk.store.unit_of_work import Database, Session

log = logging.getLogger(__name__)

LANE = "mail"
KEPT = timedelta(days=400)


@dataclass(frozen=True)
class Parcel:
    """A mail to be made and sent. `tries`: the number of this try."""

    delivery_id: int
    tries: int
    asked: Asked
    form: str
    address: str
    message_id: str
    name: str
    page: str
    owner: str


@dataclass(frozen=True)
class Report:
    """What was made for a mail, for the log of runs."""

    kind: str
    started_at: datetime
    rows: int = 0
    as_of: datetime | None = None


class HandingOut:
    """Decides who gets what; `Schedules` knows when."""

    def __init__(
        self,
        *,
        database: Database,
        commits: WriteDoor,
        clock: Clock,
        plans: Schedules,
        runs: RunLog,
    ) -> None:
        self._database = database
        self._commits = commits
        self._clock = clock
        self._plans = plans
        self._runs = runs
        self._tidied_on: date | None = None
        self._boot = ""

    def next(self, pages: Sendables, *, boot: str) -> Parcel | None:
        """The next mail to send; None when there is none. ServiceError `not-stored`.

        Who asks has none in hand. One of another `boot` has replaced whoever asked before: what
        that one had in hand is nobody's any more.
        """
        if not self._plans.set_up:
            return None
        now = self._clock.now()
        if boot != self._boot:
            self._interrupt(pages, now)
            self._boot = boot
        self._fall_due(now, pages)
        while True:
            with self._database.read() as session:
                row = deliveries.next_to_send(session, now)
                if row is None:
                    return None
                judged = self._judged(session, row, pages, now)
            if row.in_hand:
                self._interrupted(row, pages, now)
            elif isinstance(judged, Standing):
                self._settle(row, judged, tries=row.tries)
            elif self._take(row, judged, now):
                return judged

    def ended(self, delivery_id: int, tries: int, ending: Ending, report: Report) -> None:
        """How a try ended; what comes of one that is not the newest any more changes nothing."""
        with self._database.read() as session:
            row = deliveries.by_id(session, delivery_id)
            schedule = schedules.by_id(session, row.schedule_id) if row else None
            account = accounts.by_id(session, row.user_id) if row else None
        if row is None or schedule is None or account is None:
            return  # deleted meanwhile
        now = self._clock.now()
        standing = standing_after(ending, tries=tries, now=now)
        if not self._settle(row, standing, tries=tries):
            return
        log.info("mail %d, try %d: %s", delivery_id, tries, standing.reason or standing.state)
        self._log(row, schedule, account.username, tries, ending, report, now)

    # --- inside ---------------------------------------------------------------------------------

    def _interrupt(self, pages: Sendables, now: datetime) -> None:
        with self._database.read() as session:
            found = deliveries.in_hand(session)
        for row in found:
            self._interrupted(row, pages, now)

    def _interrupted(self, row: DeliveryRow, pages: Sendables, now: datetime) -> None:
        """A try ended with the process that made it, before or after the mail was handed in: the
        log of runs says so, for the next try may be the second mail of its kind."""
        with self._database.read() as session:
            schedule = schedules.by_id(session, row.schedule_id)
            account = accounts.by_id(session, row.user_id)
        if schedule is None or account is None:
            return  # deleted meanwhile
        standing = standing_interrupted(tries=row.tries, now=now)
        if not self._settle(row, standing, tries=row.tries):
            return
        log.warning("mail %d, try %d: interrupted", row.id, row.tries)
        page = pages.get(schedule.page)
        report = Report(kind=schedule.page if page is None else page.kind, started_at=row.due_at)
        ending = Ending(TRY_LATER, INTERRUPTED)
        self._log(row, schedule, account.username, row.tries, ending, report, now)

    def _log(
        self,
        row: DeliveryRow,
        schedule: ScheduleRow,
        username: str,
        tries: int,
        ending: Ending,
        report: Report,
        now: datetime,
    ) -> None:
        params = _params(schedule, row)
        first, last = days_of(params)
        self._runs.add(
            Run(
                id=f"mail-{row.id}-{tries}",
                username=username,
                kind=report.kind,
                params=params,
                first_on=first,
                last_on=last,
                form=schedule.form,
                lane=LANE,
                state=DONE if ending.result == TRY_SENT else RUN_FAILED,
                asked_at=row.due_at,
                started_at=report.started_at,
                ended_at=now,
                as_of=report.as_of,
                rows=report.rows,
                error_id=ending.reason,
            )
        )

    def _fall_due(self, now: datetime, pages: Sendables) -> None:
        with self._database.read() as session:
            found = schedules.due(session, now)
            gone = {
                each.id
                for each in found
                if recipients.owner_of(session, each.user_id, pages.get(each.page)) is None
            }
        if not found and self._tidied_on == business_date(now):
            return

        def rows(session: Session) -> None:
            for each in found:
                self._make_mails(session, each, now, gone=each.id in gone)
            if self._tidied_on != business_date(now):
                deliveries.forget(session, now - KEPT)

        self._write(rows)
        self._tidied_on = business_date(now)

    def _make_mails(self, session: Session, row: ScheduleRow, now: datetime, *, gone: bool) -> None:
        """One for each recipient, of the last instant that was missed. Of somebody who may not
        have it sent any more, none; and that schedule is paused."""
        newest = schedules.by_id(session, row.id)
        if newest is None or (newest.version, newest.next_due_at) != (row.version, row.next_due_at):
            return  # somebody changed, paused or deleted it a moment ago: looked at anew, soon
        rhythm = rhythm_of(row)
        due_at = last_due(rhythm, now, is_business_day)
        waiting = Standing(WAITING, next_try_at=now)
        for user_id in row.recipients:
            deliveries.add(
                session,
                schedule_id=row.id,
                due_at=due_at,
                user_id=user_id,
                message_id=self._plans.message_id(row.id, due_at, user_id),
                standing=Standing(SKIPPED, OWNER_GONE) if gone else waiting,
            )
        following = None if gone else next_due(rhythm, now, is_business_day)
        schedules.set_next(session, row.id, following)
        if gone:
            audit.append(
                session,
                at=now,
                actor="desk",
                action="report_schedule.paused",
                subject=f"report_schedule:{row.id}",
            )

    def _judged(
        self, session: Session, row: DeliveryRow, pages: Sendables, now: datetime
    ) -> Parcel | Standing:
        """What to send, or how the mail ends without."""
        schedule = schedules.by_id(session, row.schedule_id)
        account = accounts.by_id(session, row.user_id)
        assert schedule is not None and account is not None  # foreign keys
        page = pages.get(schedule.page)
        owner = recipients.owner_of(session, schedule.user_id, page)
        if owner is None:
            return Standing(SKIPPED, OWNER_GONE)
        address = schedules.address(session, row.user_id)
        why = recipients.why_none(account, address, page)
        if why is not None:
            return Standing(SKIPPED, why)
        assert page is not None and address is not None  # there is an owner, and no reason
        asked = Asked(
            kind=page.kind,
            params=_params(schedule, row),
            teams=accounts.scope(session, account),
            user_id=account.id if page.own else None,
            username=account.username,
            locale=account.locale,
            now=now,
            role=account.role,
        )
        return Parcel(
            delivery_id=row.id,
            tries=row.tries + 1,
            asked=asked,
            form=schedule.form,
            address=address,
            message_id=row.message_id,
            name=schedule.name,
            page=schedule.page,
            owner=owner.name,
        )

    def _take(self, row: DeliveryRow, parcel: Parcel, now: datetime) -> bool:
        taken = False

        def rows(session: Session) -> None:
            nonlocal taken
            taken = deliveries.take(session, row.id, tries=row.tries, next_try_at=now + HELD)
            if taken:
                audit.append(
                    session,
                    at=now,
                    actor="desk",
                    action="report.mailed",
                    subject=f"report:{parcel.asked.kind}",
                    details=_noted(row, parcel),
                )

        self._write(rows)
        return taken

    def _settle(self, row: DeliveryRow, standing: Standing, *, tries: int) -> bool:
        settled = False

        def rows(session: Session) -> None:
            nonlocal settled
            settled = deliveries.settle(session, row.id, tries=tries, standing=standing)

        self._write(rows)
        return settled

    def _write(self, rows: Callable[[Session], None]) -> None:
        if not self._commits.submit(None, rows=rows, behind=True).ok:
            raise ServiceError("not-stored")


def _params(schedule: ScheduleRow, row: DeliveryRow) -> dict[str, str]:
    """The days that are meant on the day it was due, however late it goes out."""
    return periods.applied(schedule.params, schedule.period, business_date(row.due_at))


def _noted(row: DeliveryRow, parcel: Parcel) -> dict[str, Any]:
    return {
        "report_schedule": row.schedule_id,
        "recipients": [row.user_id],
        "form": parcel.form,
        "tries": parcel.tries,
        **{key: parcel.asked.params[key] for key in ("from", "to") if key in parcel.asked.params},
    }
