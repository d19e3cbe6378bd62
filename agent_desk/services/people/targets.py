"""Daily targets: what a person, or everybody of a team, is to reach in a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from agent_desk.dialer.business_time import business_date
from agent_desk.services.errors import ServiceError
from agent_desk.services.people.scope import People, people_within
from agent_desk.services.ports import Clock
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.store import audit
from agent_desk.store.people import targets as rows
from agent_desk.store.people.targets import TargetRow
from agent_desk.store.unit_of_work import Database, Session

MOST = 9999
NAMES = ("calls", "contacts", "valid_calls", "payment_dates")


@dataclass(frozen=True)
class DailyTarget:
    """Numbers to reach in a day; None where nothing is asked."""

    calls: int | None
    contacts: int | None
    valid_calls: int | None
    payment_dates: int | None


@dataclass(frozen=True)
class TargetLine:
    """One target as the page lists it."""

    whose: str
    of_team: bool
    target: DailyTarget
    valid_from: date
    begun: bool


def target_of(session: Session, user_id: int, on: date) -> DailyTarget | None:
    """What the person is to reach on a day (JST): their own, else their team's, else None."""
    row = rows.of_person(session, user_id, on)
    return None if row is None else _target(row)


def targets_of_all(session: Session, on: date) -> dict[int, DailyTarget]:
    """The same of everybody who is to reach anything, by user id."""
    return {user_id: _target(row) for user_id, row in rows.of_everybody(session, on).items()}


class TargetService:
    """Sets targets within the scope of whoever asks; each change is a row of its own."""

    def __init__(self, *, database: Database, commits: GroupCommit, clock: Clock) -> None:
        self._database = database
        self._commits = commits
        self._clock = clock

    def today(self) -> date:
        """The business day, JST."""
        return business_date(self._clock.now())

    def people(self, teams: frozenset[int] | None) -> People:
        """Whom the asker may set a target for."""
        with self._database.read() as session:
            return people_within(session, teams)

    def listed(self, teams: frozenset[int] | None) -> list[TargetLine]:
        """The targets in scope that hold today or begin later, teams' first."""
        today = self.today()
        with self._database.read() as session:
            reach = people_within(session, teams)
            found = rows.current(session, today)
        lines = []
        for row in found:
            of_team = row.team_id is not None
            whose = reach.teams.get(row.team_id or 0) if of_team else reach.name(row.user_id)
            if whose is not None:
                begun = row.valid_from <= today
                lines.append(TargetLine(whose, of_team, _target(row), row.valid_from, begun))
        return lines

    def set(
        self,
        whose: tuple[str, int],
        wanted: Mapping[str, int | None],
        *,
        valid_from: date,
        teams: frozenset[int] | None,
        actor: str,
    ) -> None:
        """From a day on, `("user" | "team", id)` is to reach this; all None: nothing any more.

        ServiceError not-in-scope; target-unusable for a number below 0 or a day that is over.
        """
        kind, subject_id = whose
        numbers = {name: wanted.get(name) for name in NAMES}
        for name, each in numbers.items():
            if each is not None and not 0 <= each <= MOST:
                raise ServiceError("target-unusable", most=MOST, field=name)
        if valid_from < self.today():
            raise ServiceError("day-is-over")
        with self._database.read() as session:
            reach = people_within(session, teams)
        known = reach.teams if kind == "team" else reach.by_id
        if subject_id not in known:
            raise ServiceError("not-in-scope")
        target = TargetRow(
            user_id=subject_id if kind == "user" else None,
            team_id=subject_id if kind == "team" else None,
            valid_from=valid_from,
            **numbers,
        )
        self._write(target, f"{kind}:{subject_id}", actor)

    def _write(self, target: TargetRow, subject: str, actor: str) -> None:
        now = self._clock.now()
        details = {name: getattr(target, name) for name in NAMES}

        def write(session: Session) -> None:
            rows.add(session, target, by=actor, at=now)
            audit.append(
                session,
                at=now,
                actor=actor,
                action="target.set",
                subject=subject,
                details={**details, "from": target.valid_from.isoformat()},
            )

        if not self._commits.submit(None, rows=write).ok:
            raise ServiceError("not-stored")


def _target(row: TargetRow) -> DailyTarget:
    return DailyTarget(row.calls, row.contacts, row.valid_calls, row.payment_dates)
