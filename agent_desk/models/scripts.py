"""Scripts with their versions, and what an operator ticked of one on a call."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from agent_desk.models.base import Base, CallKey, Code, Hash, Id


class ScriptVersion(Base):
    """One text of a campaign's script; the highest version is the one in use.

    `steps` is the parsed form (`services/scripts/parsing.py`), `lint` what the rules found.
    """

    __tablename__ = "script_versions"
    __table_args__ = (UniqueConstraint("campaign_id", "version"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    version: Mapped[int]
    text: Mapped[str]
    lint: Mapped[list[Any]]
    allowed: Mapped[str]  # why compliance let findings pass; "" when there were none
    by: Mapped[str] = mapped_column(Code)
    at: Mapped[datetime]


class ThirdPartyScript(Base):
    """The same of what is said when somebody else answers (第三者)."""

    __tablename__ = "third_party_scripts"
    __table_args__ = (UniqueConstraint("campaign_id", "version"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    version: Mapped[int]
    text: Mapped[str]
    lint: Mapped[list[Any]]
    allowed: Mapped[str]
    by: Mapped[str] = mapped_column(Code)
    at: Mapped[datetime]


class VipScript(Base):
    """The same of what is said to customers with special treatment (VIP)."""

    __tablename__ = "vip_scripts"
    __table_args__ = (UniqueConstraint("campaign_id", "version"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    version: Mapped[int]
    text: Mapped[str]
    lint: Mapped[list[Any]]
    allowed: Mapped[str]
    by: Mapped[str] = mapped_column(Code)
    at: Mapped[datetime]


class ScriptTick(Base):
    """A statement of the script that was made on a call, or taken back."""

    __tablename__ = "script_ticks"
    __table_args__ = (Index("ix_script_ticks_call_id", "call_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    call_id: Mapped[str] = mapped_column(CallKey, ForeignKey("calls.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    version: Mapped[int]  # of the script for this audience
    audience: Mapped[str] = mapped_column(Code, default="customer", server_default="customer")
    statement: Mapped[str] = mapped_column(Code)
    ticked: Mapped[bool]
    at: Mapped[datetime]


class CallParty(Base):
    """Who was asked into a call: a colleague, or a third number, and what became of it.

    `caller_id` is the number a third number was to see; None for a colleague, "" for none.
    """

    __tablename__ = "call_parties"
    __table_args__ = (Index("ix_call_parties_call_id", "call_id"),)

    party_id: Mapped[str] = mapped_column(CallKey, primary_key=True)
    call_id: Mapped[str] = mapped_column(CallKey, ForeignKey("calls.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))  # who asked
    seat_user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))  # the colleague
    number_sealed: Mapped[bytes | None]
    number_key: Mapped[str | None] = mapped_column(Hash)
    caller_id: Mapped[str | None]
    blind: Mapped[bool]
    state: Mapped[str] = mapped_column(Code)
    cause: Mapped[str]
    asked_at: Mapped[datetime]
    joined_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
