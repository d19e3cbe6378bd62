"""Changing people, their teams and whom they lead."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from agent_desk.models.users import Team, TeamLead, User, UserSession


def change(session: Session, user_id: int, *, name: str, role: str, team_id: int | None) -> None:
    """Who somebody is from now on; who leads no team any more has none."""
    values = {"name": name, "role": role, "team_id": team_id}
    session.execute(update(User).where(User.id == user_id).values(**values))
    if role != "lead":
        session.execute(delete(TeamLead).where(TeamLead.user_id == user_id))


def mail_addresses(session: Session) -> dict[int, str]:
    """Where people get mail, by id of those who do."""
    query = select(User.id, User.mail).where(User.mail.is_not(None))
    return {user_id: mail for user_id, mail in session.execute(query) if mail}


def set_mail(session: Session, user_id: int, mail: str | None) -> None:
    """Where somebody gets mail; None: nowhere."""
    session.execute(update(User).where(User.id == user_id).values(mail=mail))


def set_led_teams(session: Session, user_id: int, team_ids: Collection[int]) -> None:
    """Exactly these teams are under a lead."""
    session.execute(delete(TeamLead).where(TeamLead.user_id == user_id))
    for team_id in sorted(team_ids):
        session.execute(insert(TeamLead).values(user_id=user_id, team_id=team_id))


def led_teams(session: Session) -> dict[int, set[int]]:
    """The teams under each lead, by user."""
    led: dict[int, set[int]] = {}
    for user_id, team_id in session.execute(select(TeamLead.user_id, TeamLead.team_id)):
        led.setdefault(user_id, set()).add(team_id)
    return led


def set_password(session: Session, user_id: int, password_hash: str, *, temporary: bool) -> None:
    """A new password; it opens an account that wrong ones have locked."""
    session.execute(
        update(User)
        .where(User.id == user_id)
        .values(
            password_hash=password_hash,
            password_temporary=temporary,
            failed_logins=0,
            locked_until=None,
        )
    )


def end_other_sessions(
    session: Session, user_id: int, *, but: str | None, at: datetime, reason: str
) -> list[str]:
    """Close every session of a person except one; the ids of those that were open."""
    ended = update(UserSession).where(
        UserSession.user_id == user_id, UserSession.ended_at.is_(None)
    )
    if but is not None:
        ended = ended.where(UserSession.id != but)
    closed = session.scalars(ended.values(ended_at=at, end_reason=reason).returning(UserSession.id))
    return list(closed)


def admins(session: Session, *, but: int) -> int:
    """How many other administrators may log in."""
    query = select(func.count()).where(User.role == "admin", User.enabled, User.id != but)
    return session.scalar(query) or 0


def team_named(session: Session, name: str) -> int | None:
    """The id of a team."""
    return session.scalar(select(Team.id).where(Team.name == name))


def rename_team(session: Session, team_id: int, name: str) -> None:
    """Another name for a team."""
    session.execute(update(Team).where(Team.id == team_id).values(name=name))


def members(session: Session) -> dict[int, int]:
    """How many people who may log in are in each team."""
    query = select(User.team_id, func.count()).where(User.enabled).group_by(User.team_id)
    return {row[0]: row[1] for row in session.execute(query) if row[0] is not None}
