"""How many recordings are audited and by which score sheet, in versions.

A week goes by the version that was the newest when it was drawn; a later one changes nothing of it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from agent_desk.services.errors import ServiceError
from agent_desk.services.listening_audits.sheet import (
    DEFAULTS,
    Criterion,
    checked,
    from_rows,
    to_rows,
)
from agent_desk.services.people.accounts import Person
from agent_desk.services.ports import Clock
from agent_desk.services.write_door import WriteDoor
from agent_desk.store import audit
from agent_desk.store.listening_audits import settings
from agent_desk.store.listening_audits.settings import SettingRow
from agent_desk.store.unit_of_work import Database, Session

MOST_PER_OPERATOR = 50
PER_OPERATOR = 3
SECOND_PERCENT = 20
BUILT_IN = "system"


@dataclass(frozen=True)
class AuditSettings:
    """One version; the first is ours, so that a house can begin at once."""

    version: int
    per_operator: int
    second_percent: int
    criteria: tuple[Criterion, ...]
    by: str
    at: datetime | None


FIRST = AuditSettings(1, PER_OPERATOR, SECOND_PERCENT, DEFAULTS, BUILT_IN, None)


def newest(session: Session) -> AuditSettings:
    """What holds for the next week drawn."""
    row = settings.newest(session)
    return FIRST if row is None else _read(row)


def of_version(session: Session, version: int) -> AuditSettings:
    """What a drawn week goes by."""
    row = settings.of_version(session, version)
    return FIRST if row is None else _read(row)


def kept(session: Session, *, at: datetime) -> AuditSettings:
    """The newest, written down if it is only ours yet, for a week that will name it."""
    if settings.newest(session) is None:
        settings.add(session, _written(FIRST), at=at)
    return newest(session)


class AuditSheets:
    """Reading and setting them."""

    def __init__(self, *, database: Database, commits: WriteDoor, clock: Clock) -> None:
        self._database = database
        self._commits = commits
        self._clock = clock

    def newest(self) -> AuditSettings:
        """What holds for the next week drawn."""
        with self._database.read() as session:
            return newest(session)

    def set(
        self,
        *,
        per_operator: int,
        second_percent: int,
        criteria: Sequence[Criterion],
        based_on: int,
        actor: Person,
    ) -> int:
        """The next version; its number. `based_on`: the version that was looked at.

        ServiceError: listening-settings (reason: per_operator, second_percent, count, label,
        points, code), listening-changed (somebody set another meanwhile), not-stored.
        """
        if not 1 <= per_operator <= MOST_PER_OPERATOR:
            raise ServiceError("listening-settings", reason="per_operator")
        if not 0 <= second_percent <= 100:
            raise ServiceError("listening-settings", reason="second_percent")
        now = self._clock.now()
        version = based_on + 1
        usable = checked(criteria, version=version)
        made = AuditSettings(version, per_operator, second_percent, usable, actor.username, now)
        stale: list[bool] = []

        def rows(session: Session) -> None:
            stale[:] = [kept(session, at=now).version != based_on]
            if stale[0]:
                return
            settings.add(session, _written(made), at=now)
            audit.append(
                session,
                at=now,
                actor=actor.username,
                action="listening.settings.set",
                subject=f"listening_settings:{version}",
                details={
                    "per_operator": per_operator,
                    "second_percent": second_percent,
                    "criteria_sha256": _fingerprint(usable),
                },
            )

        if not self._commits.submit(None, rows=rows).ok:
            raise ServiceError("not-stored")
        if stale[0]:
            raise ServiceError("listening-changed")
        return version


def _fingerprint(criteria: Sequence[Criterion]) -> str:
    text = json.dumps(to_rows(criteria), ensure_ascii=True, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _read(row: SettingRow) -> AuditSettings:
    return AuditSettings(
        row.version,
        row.per_operator,
        row.second_percent,
        from_rows(row.criteria),
        row.by,
        row.at,
    )


def _written(made: AuditSettings) -> SettingRow:
    return SettingRow(
        made.version,
        made.per_operator,
        made.second_percent,
        to_rows(made.criteria),
        made.by,
        made.at,
    )
