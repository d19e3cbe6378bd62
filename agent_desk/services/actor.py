"""Who asks for something only some roles may, as services look at them."""

from __future__ import annotations

from dataclasses import dataclass

from agent_desk.services.errors import ServiceError

# A role stands for itself and those above it.
# Compliance answers for holds, overrides and statements as a manager does; auditors change nothing.
RANKS = {"operator": 0, "auditor": 0, "lead": 1, "manager": 2, "compliance": 2, "admin": 3}


@dataclass(frozen=True)
class Actor:
    """A person signed in, or the command line, which is an administrator's.

    `teams` is the scope of what they may look at and change; None: every team's.
    """

    username: str
    role: str
    teams: frozenset[int] | None = None

    def needs(self, role: str) -> None:
        """ServiceError role-too-low unless the actor has this role or one above it."""
        if RANKS.get(self.role, 0) < RANKS[role]:
            raise ServiceError("role-too-low", role=role)


CLI = Actor("cli", "admin")
