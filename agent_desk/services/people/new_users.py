"""Creating a person who can log in, from the command line."""

from __future__ import annotations

from datetime import datetime

from agent_desk.services.errors import ServiceError
from agent_desk.services.people import passwords
from agent_desk.services.people.administration import require_username
from agent_desk.store import audit
from agent_desk.store.people import access, accounts
from agent_desk.store.unit_of_work import Database


def create_user(
    database: Database,
    *,
    username: str,
    name: str,
    role: str,
    team: str | None,
    password: str,
    now: datetime,
) -> int:
    """The new person's id; ServiceError user-exists, username-unusable, or what is wrong with the
    password."""
    require_username(username)
    with database.read() as session:
        house = access.every(session).get("house", {})
    least = house.get("password_least", passwords.LEAST_LENGTH)
    passwords.require_good(password, username=username, least=least)
    hashed = passwords.hashed(password)
    with database.write() as session:
        if accounts.by_username(session, username) is not None:
            raise ServiceError("user-exists", username=username)
        team_id = accounts.add_team(session, team) if team else None
        user_id = accounts.add_user(
            session,
            username=username,
            name=name,
            role=role,
            team_id=team_id,
            password_hash=hashed,
            at=now,
        )
        if role == "lead" and team_id is not None:
            accounts.lead_team(session, user_id, team_id)
        audit.append(
            session,
            at=now,
            actor="cli",
            action="user.created",
            subject=f"user:{user_id}",
            details={"role": role},
        )
    return user_id
