"""What operators can do that not everybody can, and who can."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from agent_desk.models.base import Base, Code


class Skill(Base):
    """One skill, as an administrator named it."""

    __tablename__ = "skills"

    code: Mapped[str] = mapped_column(Code, primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)


class UserSkill(Base):
    """Somebody has a skill."""

    __tablename__ = "user_skills"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    skill_code: Mapped[str] = mapped_column(ForeignKey("skills.code"), primary_key=True)
