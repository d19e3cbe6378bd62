"""People with a login, their teams and their sessions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, false
from sqlalchemy.orm import Mapped, mapped_column

from agent_desk.models.base import Base, Code, Hash, Id, one_of


class Team(Base):
    """Operators who work on the same campaigns under the same leads."""

    __tablename__ = "teams"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)


class User(Base):
    """A person with a login."""

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint(
            one_of("role", "operator", "lead", "manager", "compliance", "auditor", "admin"),
            name="role",
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    username: Mapped[str] = mapped_column(Code, unique=True)
    name: Mapped[str]
    role: Mapped[str] = mapped_column(Code)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"), index=True)
    password_hash: Mapped[str]
    locale: Mapped[str] = mapped_column(Code, default="ja")
    enabled: Mapped[bool] = mapped_column(default=True)
    failed_logins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    # Somebody else chose the password: the person must, before anything else.
    password_temporary: Mapped[bool] = mapped_column(default=False, server_default=false())
    totp_sealed: Mapped[bytes | None]  # the secret of RFC 6238, in base32
    totp_confirmed: Mapped[bool] = mapped_column(default=False, server_default=false())
    totp_step: Mapped[int | None] = mapped_column(Id)  # of the newest code taken: none twice
    mail: Mapped[str | None]  # where reports on a schedule are sent


class TeamLead(Base):
    """Which teams a lead sees and steers; a lead may have several."""

    __tablename__ = "team_leads"

    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)


class UserSession(Base):
    """One log-in of one browser. The id is a hash: a copy of the table opens no session."""

    __tablename__ = "user_sessions"
    __table_args__ = (Index("ix_user_sessions_user_id_ended_at", "user_id", "ended_at"),)

    id: Mapped[str] = mapped_column(Hash, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None] = mapped_column(Code)
    address: Mapped[str | None]  # where the log-in came from
    browser: Mapped[str | None]


class RecoveryCode(Base):
    """What lets somebody in once who has lost their second factor; only its hash is kept."""

    __tablename__ = "recovery_codes"

    code_hash: Mapped[str] = mapped_column(Hash, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    used_at: Mapped[datetime | None]


class AccessSetting(Base):
    """A rule of getting in, by name; the names are listed in `store/people/access.py`."""

    __tablename__ = "access_settings"

    name: Mapped[str] = mapped_column(Code, primary_key=True)
    value: Mapped[dict[str, Any]]
    changed_at: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(Code)
