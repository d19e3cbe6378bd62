"""What operators can do that not everybody can: named, given and taken.

A skill is what a person can do, so it stays with them from the moment somebody says so until
somebody says otherwise; what is only for today is another campaign (`services/seat/orders.py`).
Whoever sits at a seat has it changed through the engine, which knows what the next offer may be.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping

from sqlalchemy.orm import Session

from agent_desk.dialer.commands import SetSkill
from agent_desk.dialer.ids import SeatId
from agent_desk.services.errors import ServiceError
from agent_desk.services.ports import Clock
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.store import audit
from agent_desk.store.people import accounts, skills
from agent_desk.store.unit_of_work import Database

LONGEST_NAME = 40
_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
Teams = frozenset[int] | None


class SkillService:
    """Each verb may raise ServiceError."""

    def __init__(self, *, database: Database, commits: GroupCommit, clock: Clock) -> None:
        self._database = database
        self._commits = commits
        self._clock = clock
        with database.read() as session:
            self._names = skills.names(session)

    def names(self) -> Mapping[str, str]:
        """Every skill's name, by code."""
        return self._names

    def of_user(self, user_id: int) -> frozenset[str]:
        """Codes of somebody's skills."""
        with self._database.read() as session:
            return skills.of_user(session, user_id)

    # --- what there is --------------------------------------------------------------------------

    def put(self, code: str, name: str, *, by: str) -> None:
        """Name a new skill, or an old one anew; ServiceError skill-unusable (reason)."""
        name = name.strip()
        if not _CODE.fullmatch(code):
            raise ServiceError("skill-unusable", reason="code")
        taken = {each for other, each in self._names.items() if other != code}
        if not 1 <= len(name) <= LONGEST_NAME or name in taken:
            raise ServiceError("skill-unusable", reason="name")
        self._write(lambda session: skills.put(session, code, name), code, "skill.named", by)

    def remove(self, code: str, *, by: str) -> None:
        """Forget one that nobody has and no campaign asks for; ServiceError skill-in-use."""
        with self._database.read() as session:
            held = frozenset().union(*skills.of_everybody(session).values())
            used = code in held | skills.asked_for(session)
        if used:
            raise ServiceError("skill-in-use")
        self._write(lambda session: skills.remove(session, code), code, "skill.removed", by)

    # --- who has it -----------------------------------------------------------------------------

    def set_at_seat(
        self,
        seat_id: SeatId,
        code: str,
        *,
        on: bool,
        by: str,
        teams: Teams,
        command_id: str | None,
    ) -> None:
        """A lead gives somebody at a seat a skill or takes it: from the next offer on."""
        seat = self._commits.floor.seats.get(seat_id)
        if seat is None:
            raise ServiceError("seat-not-open")
        if teams is not None and seat.team_id not in teams:
            raise ServiceError("not-in-scope")
        if code not in self._names:
            raise ServiceError("skill-unknown")
        self._submit(SetSkill(seat_id, code, on, SeatId(by)), command_id)

    def set_for(self, user_id: int, codes: Collection[str], *, by: str) -> None:
        """Exactly these, wherever the person is."""
        wanted = frozenset(codes)
        if not wanted <= self._names.keys():
            raise ServiceError("skill-unknown")
        with self._database.read() as session:
            person = accounts.by_id(session, user_id)
            had = skills.of_user(session, user_id)
        if person is None:
            raise ServiceError("person-unknown")
        for code in sorted(wanted ^ had):
            self._set(user_id, person.username, code, on=code in wanted, by=by)

    # --- inside ---------------------------------------------------------------------------------

    def _set(self, user_id: int, username: str, code: str, *, on: bool, by: str) -> None:
        seat_id = SeatId(username)
        if seat_id not in self._commits.floor.seats:
            at = self._clock.now()
            reply = self._commits.submit(
                None,
                rows=lambda session: skills.give(
                    session, user_id, username, code, on=on, by=by, at=at
                ),
            )
            if not reply.ok:
                raise ServiceError("not-stored")
        # Also of whoever came in that moment: their seat may have been opened with what was.
        if seat_id in self._commits.floor.seats:
            self._submit(SetSkill(seat_id, code, on, SeatId(by)), None)

    def _submit(self, command: SetSkill, command_id: str | None) -> None:
        reply = self._commits.submit(command, command_id=command_id)
        if not reply.ok:
            raise ServiceError(reply.error_id, **reply.details)

    def _write(self, rows: Callable[[Session], None], code: str, action: str, by: str) -> None:
        now = self._clock.now()

        def write(session: Session) -> None:
            rows(session)
            audit.append(session, at=now, actor=by, action=action, subject=f"skill:{code}")

        if not self._commits.submit(None, rows=write).ok:
            raise ServiceError("not-stored")
        with self._database.read() as session:
            self._names = skills.names(session)
