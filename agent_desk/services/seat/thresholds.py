"""The thresholds of the floor: kept in memory, for every look asks them; set by managers."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from agent_desk.services.actor import Actor
from agent_desk.services.errors import ServiceError
from agent_desk.services.ports import Clock
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.services.seat.alert_rules import DEFAULTS, MOST_S, Limit
from agent_desk.store import audit
from agent_desk.store.people import accounts
from agent_desk.store.people import floor_thresholds as rows
from agent_desk.store.unit_of_work import Database

SETTERS = ("manager", "admin")


class FloorThresholds:
    """What holds now; every change goes through here."""

    def __init__(self, *, database: Database, commits: GroupCommit, clock: Clock) -> None:
        self._database = database
        self._commits = commits
        self._clock = clock
        self.limits: Mapping[str, Limit] = DEFAULTS
        self.view: Mapping[str, Mapping[str, int]] = {}
        self._read()

    def set(self, wanted: Mapping[str, Limit], *, actor: Actor) -> None:
        """Set those of `wanted` that are others than now.

        ServiceError `role-too-low`, `threshold-order` (with the field), `not-stored`.
        """
        if actor.role not in SETTERS:
            raise ServiceError("role-too-low", role="manager")
        for subject, limit in wanted.items():
            if subject not in DEFAULTS:
                raise ServiceError("bad-payload", field=subject)
            if not 1 <= limit.long_s < limit.too_long_s <= MOST_S:
                raise ServiceError("threshold-order", field=subject, most=MOST_S)
        changed = {each: limit for each, limit in wanted.items() if self.limits[each] != limit}
        if not changed:
            return
        now = self._clock.now()

        def write(session: Session) -> None:
            by = accounts.by_username(session, actor.username)
            assert by is not None  # whoever asks is signed in
            for subject, limit in changed.items():
                long_s, too_long_s = limit.long_s, limit.too_long_s
                rows.put(session, subject, long_s, too_long_s, by_user_id=by.id, at=now)
                audit.append(
                    session,
                    at=now,
                    actor=actor.username,
                    action="floor.threshold.set",
                    subject=f"threshold:{subject}",
                    details={"long_s": long_s, "too_long_s": too_long_s},
                )

        if not self._commits.submit(None, rows=write).ok:
            raise ServiceError("not-stored")
        self._read()

    def _read(self) -> None:
        with self._database.read() as session:
            stored = rows.every(session)
        limits = {
            each: Limit(*stored[each]) if each in stored else d for each, d in DEFAULTS.items()
        }
        self.limits = limits
        self.view = {
            each: {"long_s": limit.long_s, "too_long_s": limit.too_long_s}
            for each, limit in limits.items()
        }
