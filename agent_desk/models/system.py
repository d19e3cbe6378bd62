"""What the desk must remember about itself: epoch, commands answered, gateways heard."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from agent_desk.models.base import Base, Code


class SystemValue(Base):
    """A value by name; the names are listed in `store/system.py`."""

    __tablename__ = "system"

    key: Mapped[str] = mapped_column(Code, primary_key=True)
    value: Mapped[str]


class KeyRotation(Base):
    """How far one part of the data is sealed with the key `key_id`; resumed from `done_to`."""

    __tablename__ = "key_rotations"

    part: Mapped[str] = mapped_column(Code, primary_key=True)
    key_id: Mapped[str] = mapped_column(Code)
    done_to: Mapped[str]
    ended_at: Mapped[datetime | None]


class CommandReply(Base):
    """The answer a command id was given. I8: one effect per id, by the primary key."""

    __tablename__ = "commands"

    command_id: Mapped[str] = mapped_column(primary_key=True)
    reply: Mapped[dict[str, Any]]
    at: Mapped[datetime] = mapped_column(index=True)


class GatewayEvents(Base):
    """How far a gateway's events are stored; written with the rows they became."""

    __tablename__ = "gateway_events"

    gateway_id: Mapped[str] = mapped_column(Code, primary_key=True)
    boot_id: Mapped[str] = mapped_column(Code, primary_key=True)
    last_seq: Mapped[int] = mapped_column(BigInteger, default=0)
    booted_at: Mapped[datetime]
