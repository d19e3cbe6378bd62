"""Skills, and who has them."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from agent_desk.dialer.events import SkillSet
from agent_desk.models.campaigns import Campaign
from agent_desk.models.skills import Skill, UserSkill
from agent_desk.store import audit
from agent_desk.store.rows.context import RowContext


def names(session: Session) -> dict[str, str]:
    """Every skill's name, by code."""
    rows = session.execute(select(Skill.code, Skill.name).order_by(Skill.name))
    return {code: name for code, name in rows}


def put(session: Session, code: str, name: str) -> None:
    """A new skill, or another name for one."""
    changed = session.execute(update(Skill).where(Skill.code == code).values(name=name))
    if not changed.rowcount:  # type: ignore[attr-defined]
        session.execute(insert(Skill).values(code=code, name=name))


def remove(session: Session, code: str) -> None:
    """A skill nobody has and no campaign asks for."""
    session.execute(delete(Skill).where(Skill.code == code))


def of_everybody(session: Session) -> dict[int, frozenset[str]]:
    """Codes by user id; of those who have any."""
    found: dict[int, set[str]] = defaultdict(set)
    for user_id, code in session.execute(select(UserSkill.user_id, UserSkill.skill_code)):
        found[user_id].add(code)
    return {user_id: frozenset(codes) for user_id, codes in found.items()}


def of_user(session: Session, user_id: int) -> frozenset[str]:
    """Codes of somebody's skills."""
    query = select(UserSkill.skill_code).where(UserSkill.user_id == user_id)
    return frozenset(session.scalars(query))


def asked_for(session: Session) -> frozenset[str]:
    """Codes some campaign asks for."""
    return frozenset(code for codes in session.scalars(select(Campaign.skills)) for code in codes)


def write_set(context: RowContext, event: SkillSet) -> None:
    """A lead gave somebody at a seat a skill, or took it."""
    give(
        context.session,
        event.user_id,
        event.seat_id,
        event.skill,
        on=event.on,
        by=event.by,
        at=event.at,
    )


def give(
    session: Session, user_id: int, username: str, code: str, *, on: bool, by: str, at: datetime
) -> None:
    """Keep that somebody has a skill, or has it no more, and who said so."""
    mine = (UserSkill.user_id == user_id, UserSkill.skill_code == code)
    session.execute(delete(UserSkill).where(*mine))
    if on:
        session.execute(insert(UserSkill).values(user_id=user_id, skill_code=code))
    audit.append(
        session,
        at=at,
        actor=by,
        action="skill.set",
        subject=f"seat:{username}",
        details={"skill": code, "on": on},
    )
