"""When one's own saved reports are sent, as what, and to whom: made, changed, paused, deleted."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from agent_desk.services.errors import ServiceError
from agent_desk.services.mailing import recipients
from agent_desk.services.mailing.due import Rhythm, next_due
from agent_desk.services.mailing.recipients import Recipient, Sendable, Sendables
from agent_desk.services.people.accounts import Person
from agent_desk.services.ports import Clock
from agent_desk.services.reports.files import EXTENSIONS
from agent_desk.services.running.business_start import is_business_day
from agent_desk.services.write_door import WriteDoor
from agent_desk.store import audit
from agent_desk.store.reports import deliveries, saved, schedules
from agent_desk.store.reports.deliveries import WAITING, DeliveryRow, LastDue, Standing
from agent_desk.store.reports.saved import SavedRow
from agent_desk.store.reports.schedules import ScheduleRow, Setting
from agent_desk.store.unit_of_work import Database, Session
from config import DeskConfig

MOST = 50  # of one person
MOST_RECIPIENTS = 50
SHOWN = 100


class Schedules:
    """Each of its ServiceErrors leaves everything as it was. Whose schedule it is, sees it; to
    everybody else it is unknown."""

    def __init__(
        self, *, database: Database, commits: WriteDoor, clock: Clock, config: DeskConfig
    ) -> None:
        self._database = database
        self._commits = commits
        self._clock = clock
        self._mail = config.mail
        self._key = config.secret_key.encode()

    @property
    def set_up(self) -> bool:
        """Whether mail can be sent at all. Without a server nothing falls due: once there is one,
        the last that was missed goes out."""
        return self._mail is not None

    def mine(self, who: Person) -> tuple[list[ScheduleRow], dict[int, LastDue]]:
        """One's own, by name, and what came of the last mails of each."""
        with self._database.read() as session:
            rows = schedules.of_user(session, who.user_id)
            return rows, deliveries.last_of(session, [row.id for row in rows])

    def named(self, schedule_id: int, who: Person) -> ScheduleRow:
        """One of one's own; ServiceError `schedule-unknown`."""
        with self._database.read() as session:
            found = schedules.by_id(session, schedule_id)
        if found is None or found.user_id != who.user_id:
            raise ServiceError("schedule-unknown")
        return found

    def reports(self, who: Person, pages: Sendables) -> list[SavedRow]:
        """One's own saved reports that can be sent, by name."""
        with self._database.read() as session:
            kept = saved.of_or_shared(session, who.user_id, left=False)
        return [each for each in kept if each.user_id == who.user_id and _has(who, each, pages)]

    def report(self, saved_id: int, who: Person, pages: Sendables) -> SavedRow:
        """One of those; ServiceError `schedule-report`."""
        found = next((each for each in self.reports(who, pages) if each.id == saved_id), None)
        if found is None:
            raise ServiceError("schedule-report")
        return found

    def offered(self, who: Person, page: Sendable) -> list[Recipient]:
        """Whom one may have it sent to."""
        with self._database.read() as session:
            return recipients.offered(session, who, page)

    def sent(self, schedule_id: int, who: Person) -> Sequence[DeliveryRow]:
        """The newest mails of a schedule; ServiceError `schedule-unknown`."""
        self.named(schedule_id, who)
        with self._database.read() as session:
            return deliveries.of_schedule(session, schedule_id, limit=SHOWN)

    def make(self, setting: Setting, *, who: Person, pages: Sendables) -> int:
        """A new one, active; its id.

        ServiceError: schedule-report, schedule-when, schedule-recipients, schedule-many,
        not-stored.
        """
        self._check(setting, who, pages)
        now = self._clock.now()
        following = next_due(rhythm_of(setting), now, is_business_day)
        made: list[int] = []

        def rows(session: Session) -> None:
            if schedules.count_of(session, who.user_id) < MOST:
                found = schedules.add(
                    session, setting, user_id=who.user_id, next_due_at=following, at=now
                )
                self._note(session, found, "made", who, _told(setting))
                made[:] = [found]

        self._write(rows)
        if not made:
            raise ServiceError("schedule-many", most=MOST)
        return made[0]

    def change(
        self, schedule_id: int, setting: Setting, *, based_on: int, who: Person, pages: Sendables
    ) -> None:
        """Another rhythm, other people; a paused one stays so.

        ServiceError: schedule-unknown, schedule-changed, and as `make`.
        """
        before = self.named(schedule_id, who)
        setting = replace(setting, saved_id=before.saved_id)
        self._check(setting, who, pages)
        now = self._clock.now()
        following = next_due(rhythm_of(setting), now, is_business_day)
        changed = False

        def rows(session: Session) -> None:
            nonlocal changed
            found = schedules.by_id(session, schedule_id)
            paused = found is None or found.next_due_at is None
            changed = schedules.change(
                session,
                schedule_id,
                setting,
                based_on=based_on,
                next_due_at=None if paused else following,
                at=now,
            )
            if changed:
                self._note(session, schedule_id, "changed", who, _told(setting))

        self._write(rows)
        if not changed:
            raise ServiceError("schedule-changed")

    def pause(self, schedule_id: int, *, who: Person) -> None:
        """Never due until resumed; ServiceError `schedule-unknown`, `not-stored`."""
        self._set_next(schedule_id, None, "paused", who)

    def resume(self, schedule_id: int, *, who: Person) -> None:
        """Due again from now on: what lay between is not sent after; as `pause`."""
        found = self.named(schedule_id, who)
        following = next_due(rhythm_of(found), self._clock.now(), is_business_day)
        self._set_next(schedule_id, following, "resumed", who)

    def remove(self, schedule_id: int, *, who: Person) -> None:
        """Forget it and what is listed of its mails; ServiceError `schedule-unknown`,
        `not-stored`."""
        self.named(schedule_id, who)

        def rows(session: Session) -> None:
            if schedules.remove(session, schedule_id):
                self._note(session, schedule_id, "removed", who, {})

        self._write(rows)

    def send_now(self, schedule_id: int, *, who: Person) -> None:
        """One mail to oneself, beside the rhythm.

        ServiceError: schedule-unknown, mail-not-set-up, mail-no-address, schedule-waits,
        not-stored.
        """
        self.named(schedule_id, who)
        if self._mail is None:
            raise ServiceError("mail-not-set-up")
        now = self._clock.now()
        message_id = self.message_id(schedule_id, now, who.user_id)
        with self._database.read() as session:
            if not schedules.address(session, who.user_id):
                raise ServiceError("mail-no-address")
        added = False

        def rows(session: Session) -> None:
            nonlocal added
            if deliveries.waits(session, schedule_id, who.user_id):
                return
            added = deliveries.add(
                session,
                schedule_id=schedule_id,
                due_at=now,
                user_id=who.user_id,
                message_id=message_id,
                standing=Standing(WAITING, next_try_at=now),
            )
            self._note(session, schedule_id, "sent_now", who, {})

        self._write(rows)
        if not added:
            raise ServiceError("schedule-waits")

    def message_id(self, schedule_id: int, due_at: datetime, user_id: int) -> str:
        """The same for the same mail however often it is tried, and never another one's."""
        told = f"{schedule_id}:{due_at.timestamp()}:{user_id}".encode()
        domain = self._mail.domain if self._mail else "invalid"
        return f"<{hmac.new(self._key, told, hashlib.sha256).hexdigest()[:40]}@{domain}>"

    # --- inside ---------------------------------------------------------------------------------

    def _check(self, setting: Setting, who: Person, pages: Sendables) -> None:
        report = self.report(setting.saved_id, who, pages)
        if not rhythm_of(setting).usable:
            raise ServiceError("schedule-when")
        if setting.form not in EXTENSIONS:
            raise ServiceError("bad-payload", reason="form")
        chosen = set(setting.recipients)
        known = {each.user_id for each in self.offered(who, pages[report.page])}
        if not 1 <= len(chosen) <= MOST_RECIPIENTS or not chosen <= known:
            raise ServiceError("schedule-recipients", most=MOST_RECIPIENTS)

    def _set_next(
        self, schedule_id: int, following: datetime | None, what: str, who: Person
    ) -> None:
        self.named(schedule_id, who)

        def rows(session: Session) -> None:
            schedules.set_next(session, schedule_id, following)
            self._note(session, schedule_id, what, who, {})

        self._write(rows)

    def _note(
        self, session: Session, schedule_id: int, what: str, who: Person, details: dict[str, Any]
    ) -> None:
        audit.append(
            session,
            at=self._clock.now(),
            actor=who.username,
            action=f"report_schedule.{what}",
            subject=f"report_schedule:{schedule_id}",
            details=details,
        )

    def _write(self, rows: Callable[[Session], None]) -> None:
        if not self._commits.submit(None, rows=rows).ok:
            raise ServiceError("not-stored")


def rhythm_of(setting: Setting | ScheduleRow) -> Rhythm:
    """How often, and when."""
    return Rhythm(
        setting.often,
        setting.minute,
        setting.weekday,
        setting.day_of_month,
        setting.not_on_holidays,
    )


def _has(who: Person, row: SavedRow, pages: Sendables) -> bool:
    page = pages.get(row.page)
    return page is not None and who.role in page.roles


def _told(setting: Setting) -> dict[str, Any]:
    """Ids and words: names and addresses are not for the trail, which never forgets."""
    return {
        "saved_report": setting.saved_id,
        "often": setting.often,
        "form": setting.form,
        "recipients": sorted(setting.recipients),
    }
