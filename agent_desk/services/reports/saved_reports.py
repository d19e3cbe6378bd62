"""Questions of reports kept under a name, and shared.

What is kept is the question and never a figure: whoever opens it asks it anew, within the scope of
their own. So sharing shows nobody more than they could have asked for themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from agent_desk.services.errors import ServiceError
from agent_desk.services.people.accounts import Person
from agent_desk.services.ports import Clock
from agent_desk.services.reports import periods
from agent_desk.services.write_door import WriteDoor
from agent_desk.store import audit
from agent_desk.store.people import accounts
from agent_desk.store.reports import saved, schedules
from agent_desk.store.reports.saved import SavedRow
from agent_desk.store.unit_of_work import Database, Session

LONGEST_NAME = 80
MOST = 100  # of one person
# A lead shares with teams of theirs, the others with a role or any team; those look after what
# people leave behind, too.
SHARERS = ("lead", "manager", "admin")
WITH_ROLES = ("manager", "admin")


@dataclass(frozen=True)
class Wanted:
    """What one may change about a saved question. `roles`: those that have its page."""

    name: str
    period: str
    shared_role: str | None = None
    shared_teams: frozenset[int] | None = None
    roles: Collection[str] = ()


class SavedReports:
    """Each of its ServiceErrors leaves everything as it was."""

    def __init__(self, *, database: Database, commits: WriteDoor, clock: Clock) -> None:
        self._database = database
        self._commits = commits
        self._clock = clock

    def seen_by(self, who: Person) -> list[SavedRow]:
        """The own ones and those shared with them, by name; to whoever may take them over, those of
        people who have left.
        """
        with self._database.read() as session:
            left = who.role in WITH_ROLES
            found = saved.of_or_shared(session, who.user_id, left=left)
        return [each for each in found if _sees(each, who)]

    def named(self, saved_id: int, who: Person) -> SavedRow:
        """One that this person sees; ServiceError `saved-report-unknown`."""
        with self._database.read() as session:
            found = saved.by_id(session, saved_id)
        if found is None or not _sees(found, who):
            raise ServiceError("saved-report-unknown")
        return found

    def asked(self, saved_id: int, who: Person, today: date) -> tuple[str, dict[str, str]]:
        """The page and the parameters it is opened with today; ServiceError
        `saved-report-unknown`."""
        found = self.named(saved_id, who)
        return found.page, periods.applied(found.params, found.period, today)

    def team_names(self) -> dict[int, str]:
        """Names of all teams by id, to say whom something is shared with."""
        with self._database.read() as session:
            return accounts.teams(session)

    def teams(self, who: Person) -> dict[int, str]:
        """Names of the teams this person may share with, by id."""
        if who.role not in SHARERS:
            return {}
        every = self.team_names()
        return {key: name for key, name in every.items() if who.teams is None or key in who.teams}

    def keep(
        self, page: str, params: Mapping[str, str], *, name: str, period: str, who: Person
    ) -> int:
        """Keep a question for oneself; its id.

        ServiceError: saved-report-name, saved-report-period, saved-report-many, not-stored.
        """
        name = _named(name)
        _check_period(period, params)
        made: list[int] = []
        now = self._clock.now()

        def rows(session: Session) -> None:
            if saved.count_of(session, who.user_id) >= MOST:
                return
            made[:] = [
                saved.add(
                    session,
                    user_id=who.user_id,
                    name=name,
                    page=page,
                    params=params,
                    period=period,
                    at=now,
                )
            ]
            self._note(session, made[0], "made", who, {"page": page, "period": period})

        self._write(rows)
        if not made:
            raise ServiceError("saved-report-many", most=MOST)
        return made[0]

    def copy(self, saved_id: int, *, name: str, who: Person) -> int:
        """The same question, for oneself; ServiceError as `keep`, and saved-report-unknown."""
        found = self.named(saved_id, who)
        return self.keep(found.page, found.params, name=name, period=found.period, who=who)

    def change(self, saved_id: int, wanted: Wanted, *, based_on: int, who: Person) -> None:
        """Another name, other days, other people.

        ServiceError: saved-report-unknown (also another's), saved-report-name,
        saved-report-period, saved-report-share, saved-report-changed, not-stored.
        """
        found = self._own(saved_id, who)
        name = _named(wanted.name)
        _check_period(wanted.period, found.params)
        self._check_share(wanted, found, who)
        changed = False

        def rows(session: Session) -> None:
            nonlocal changed
            changed = saved.change(
                session,
                saved_id,
                based_on=based_on,
                name=name,
                period=wanted.period,
                shared_role=wanted.shared_role,
                shared_teams=wanted.shared_teams,
                at=self._clock.now(),
            )
            if not changed:
                return
            told = None if wanted.shared_teams is None else sorted(wanted.shared_teams)
            details = {"period": wanted.period, "role": wanted.shared_role, "teams": told}
            self._note(session, saved_id, "changed", who, details)

        self._write(rows)
        if not changed:
            raise ServiceError("saved-report-changed")

    def remove(self, saved_id: int, *, who: Person) -> None:
        """Forget it, for everybody; one's own, or as `take_over`, with the schedules of who left.

        ServiceError: saved-report-unknown, not-stored, and saved-report-scheduled for one that
        still goes by mail.
        """
        found = self.named(saved_id, who)
        own = found.user_id == who.user_id
        if not own and not inherits(found, who):
            raise ServiceError("saved-report-unknown")
        told = {} if own else {"owner": found.username}
        scheduled = False

        def rows(session: Session) -> None:
            nonlocal scheduled
            scheduled = schedules.sends(session, saved_id, but_of=None if own else found.user_id)
            if scheduled:
                return
            schedules.remove_of(session, saved_id)
            if saved.remove(session, saved_id):
                self._note(session, saved_id, "removed", who, told)

        self._write(rows)
        if scheduled:
            raise ServiceError("saved-report-scheduled")

    def take_over(self, saved_id: int, *, who: Person) -> None:
        """Make one's own what somebody left behind; who it is shared with keeps it.

        ServiceError: saved-report-unknown (also of who is there), saved-report-many, not-stored.
        """
        found = self.named(saved_id, who)
        if not inherits(found, who):
            raise ServiceError("saved-report-unknown")
        refused = ""
        now = self._clock.now()

        def rows(session: Session) -> None:
            nonlocal refused
            if saved.count_of(session, who.user_id) >= MOST:
                refused = "saved-report-many"
            elif saved.take_over(session, saved_id, who.user_id, from_user=found.user_id, at=now):
                schedules.hand_over(session, saved_id, from_user=found.user_id, to_user=who.user_id)
                self._note(session, saved_id, "taken_over", who, {"owner": found.username})
            else:
                refused = "saved-report-unknown"

        self._write(rows)
        if refused:
            raise ServiceError(refused, most=MOST)

    # --- inside ---------------------------------------------------------------------------------

    def _own(self, saved_id: int, who: Person) -> SavedRow:
        found = self.named(saved_id, who)
        if found.user_id != who.user_id:
            raise ServiceError("saved-report-unknown")
        return found

    def _check_share(self, wanted: Wanted, found: SavedRow, who: Person) -> None:
        """What is shared already may stay: somebody's scope may have changed since."""
        role, teams = wanted.shared_role, wanted.shared_teams
        if (role, teams) in ((None, None), (found.shared_role, found.shared_teams)):
            return
        usable = who.role in SHARERS and (role is None or teams is None)
        if role is not None:
            usable = usable and who.role in WITH_ROLES and role in wanted.roles
        if teams is not None:
            usable = usable and bool(teams) and teams <= self.teams(who).keys()
        if not usable:
            raise ServiceError("saved-report-share")

    def _note(
        self, session: Session, saved_id: int, what: str, who: Person, details: dict[str, Any]
    ) -> None:
        # What was typed stays out of it: the trail never forgets a name.
        audit.append(
            session,
            at=self._clock.now(),
            actor=who.username,
            action=f"saved_report.{what}",
            subject=f"saved_report:{saved_id}",
            details=details,
        )

    def _write(self, rows: Callable[[Session], None]) -> None:
        if not self._commits.submit(None, rows=rows).ok:
            raise ServiceError("not-stored")


def inherits(row: SavedRow, who: Person) -> bool:
    """Whether this person may remove or take over what somebody who has left kept."""
    return row.left and who.role in WITH_ROLES


def _sees(row: SavedRow, who: Person) -> bool:
    if row.user_id == who.user_id or row.shared_role == who.role or inherits(row, who):
        return True
    if row.shared_teams is None:
        return False
    return who.teams is None or bool(row.shared_teams & who.teams)


def _named(name: str) -> str:
    found = name.strip()
    if not 1 <= len(found) <= LONGEST_NAME or not found.isprintable():
        raise ServiceError("saved-report-name", most=LONGEST_NAME)
    return found


def _check_period(period: str, params: Mapping[str, str]) -> None:
    if period not in periods.offered(params):
        raise ServiceError("saved-report-period")
