"""Everybody's schedules for those who answer for what leaves the house: seen, paused, removed.

An administrator changes nothing of a schedule: what is sent, and to whom, is for who made it to
say. Whoever made it sees the pause on their own page and can resume it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from agent_desk.services.actor import Actor
from agent_desk.services.errors import ServiceError
from agent_desk.services.ports import Clock
from agent_desk.services.write_door import WriteDoor
from agent_desk.store import audit
from agent_desk.store.people import accounts
from agent_desk.store.reports import deliveries, schedules
from agent_desk.store.reports.deliveries import DeliveryRow, LastDue
from agent_desk.store.reports.schedules import OwnedSchedule
from agent_desk.store.unit_of_work import Database, Session


@dataclass(frozen=True)
class Overview:
    """All schedules, with what came of the last mails and of the last that did not arrive."""

    schedules: Sequence[OwnedSchedule]
    last: Mapping[int, LastDue]
    failed: Mapping[int, DeliveryRow]


class AllSchedules:
    """For administrators; each of its ServiceErrors leaves everything as it was."""

    def __init__(self, *, database: Database, commits: WriteDoor, clock: Clock) -> None:
        self._database = database
        self._commits = commits
        self._clock = clock

    def overview(self) -> Overview:
        """As they are now."""
        with self._database.read() as session:
            found = schedules.every(session)
            ids = [each.row.id for each in found]
            return Overview(
                found, deliveries.last_of(session, ids), deliveries.last_failed(session, ids)
            )

    def pause(self, schedule_id: int, *, actor: Actor) -> None:
        """Never due until its owner resumes it; ServiceError `role-too-low`, `schedule-unknown`,
        `not-stored`."""

        def work(session: Session) -> None:
            schedules.set_next(session, schedule_id, None)

        self._do(schedule_id, "paused", work, actor)

    def remove(self, schedule_id: int, *, actor: Actor) -> None:
        """Forget it and what is listed of its mails; as `pause`."""

        def work(session: Session) -> None:
            schedules.remove(session, schedule_id)

        self._do(schedule_id, "removed", work, actor)

    def _do(
        self, schedule_id: int, what: str, work: Callable[[Session], None], actor: Actor
    ) -> None:
        actor.needs("admin")
        now = self._clock.now()
        known = False

        def rows(session: Session) -> None:
            nonlocal known
            row = schedules.by_id(session, schedule_id)
            known = row is not None
            if row is None:
                return
            owner = accounts.by_id(session, row.user_id)
            work(session)
            audit.append(
                session,
                at=now,
                actor=actor.username,
                action=f"report_schedule.{what}",
                subject=f"report_schedule:{schedule_id}",
                details={"owner": "" if owner is None else owner.username},
            )

        if not self._commits.submit(None, rows=rows).ok:
            raise ServiceError("not-stored")
        if not known:
            raise ServiceError("schedule-unknown")
