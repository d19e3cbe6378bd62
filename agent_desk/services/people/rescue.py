"""What the command line does for people who cannot get in: an administrator locked out, above all.

Whoever holds the keys of the data directory may; each is noted with `cli` as who did it.
"""

from __future__ import annotations

from collections.abc import Callable

from agent_desk.services.errors import ServiceError
from agent_desk.services.people.access import AccessSettings
from agent_desk.services.people.administration import UserAdministration
from agent_desk.services.people.second_factors import SecondFactors
from agent_desk.services.ports import Clock
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.store import audit
from agent_desk.store.people import accounts as account_rows
from agent_desk.store.unit_of_work import Session

ACTOR = "cli"


class Rescue:
    """One verb a command; each answers with a line for the terminal."""

    def __init__(
        self,
        *,
        commits: GroupCommit,
        clock: Clock,
        access: AccessSettings,
        administration: UserAdministration,
        factors: SecondFactors,
    ) -> None:
        self._commits = commits
        self._clock = clock
        self._access = access
        self._administration = administration
        self._factors = factors

    @property
    def verbs(self) -> dict[str, Callable[[str], str]]:
        """What can be asked for, each of one username, or of a role."""
        return {
            "reset-password": self.reset_password,
            "remove-second-factor": self.remove_second_factor,
            "enable": self.enable,
            "open-access": self.open_access,
        }

    def reset_password(self, username: str) -> str:
        """A temporary password; every session of the person ends. ServiceError `person-unknown`."""
        password = self._administration.reset_password(self._id(username), actor=ACTOR)
        return f"temporary password of {username}: {password}"

    def remove_second_factor(self, username: str) -> str:
        """The next log-in asks for the password alone. ServiceError `person-unknown`."""
        self._factors.remove(self._id(username), actor=ACTOR)
        return f"{username} has no second factor"

    def enable(self, username: str) -> str:
        """Somebody who was kept out may log in. ServiceError `person-unknown`."""
        user_id = self._id(username)
        now, real = self._clock.now(), self._clock.real_now()

        def write(session: Session) -> None:
            account_rows.set_enabled(session, user_id, True, at=real)
            subject = f"user:{user_id}"
            audit.append(session, at=now, actor=ACTOR, action="user.enabled", subject=subject)

        if not self._commits.submit(None, rows=write).ok:
            raise ServiceError("not-stored")
        return f"{username} can log in"

    def open_access(self, role: str) -> str:
        """People of a role log in from everywhere again. ServiceError `access-unusable`."""
        needed = self._access.rules.of(role).code_needed
        self._access.set_role(role, code_needed=needed, networks="", actor=ACTOR, own=None)
        return f"{role}: from every address"

    def _id(self, username: str) -> int:
        for each in self._administration.users():
            if each.username == username:
                return each.id
        raise ServiceError("person-unknown")
