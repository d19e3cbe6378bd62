"""One person's days, for themselves and for those above them: figures, paid time and targets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from agent_desk.dialer.business_time import JST, business_date
from agent_desk.services.errors import ServiceError
from agent_desk.services.people.accounts import Person
from agent_desk.services.people.paid_time import with_paid_time
from agent_desk.services.people.targets import DailyTarget, target_of
from agent_desk.services.ports import Clock
from agent_desk.store.people import accounts as account_rows
from agent_desk.store.people.accounts import AccountRow
from agent_desk.store.reports import figures
from agent_desk.store.reports.operator_rows import OperatorRow, total
from agent_desk.store.unit_of_work import Database

DAYS = 14


@dataclass(frozen=True)
class PersonDay:
    """One day; `row` None: not logged in."""

    day: date
    row: OperatorRow | None
    target: DailyTarget | None


@dataclass(frozen=True)
class PersonFigures:
    """The newest days, today first, and all of them as one."""

    person: AccountRow
    days: Sequence[PersonDay]
    total: OperatorRow


class OwnFigures:
    """Reads within scope: an operator their own, a lead the teams', the others everybody's."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def of(self, username: str, *, who: Person) -> PersonFigures:
        """Somebody's days; ServiceError `person-unknown`, `not-in-scope`."""
        now = self._clock.now()
        today = business_date(now)
        with self._database.read() as session:
            person = account_rows.by_username(session, username)
            if person is None:
                raise ServiceError("person-unknown")
            if not _may_see(who, person):
                raise ServiceError("not-in-scope")
            days = []
            for number in range(DAYS):
                day = today - timedelta(days=number)
                start = datetime.combine(day, datetime.min.time(), JST)
                rows = figures.operators(
                    session, start, start + timedelta(days=1), now=now, user_id=person.id
                )
                rows = with_paid_time(session, rows, day, day, now=now)
                target = target_of(session, person.id, day)
                days.append(PersonDay(day, rows[0] if rows else None, target))
        worked = [each.row for each in days if each.row is not None]
        return PersonFigures(person, days, total(worked))


def _may_see(who: Person, person: AccountRow) -> bool:
    if person.id == who.user_id:
        return True
    if who.role == "operator":
        return False
    return who.teams is None or person.team_id in who.teams
