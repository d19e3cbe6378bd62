"""Replies remembered by command id: a command delivered twice has one effect (I8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.orm import Session

from agent_desk.models.system import CommandReply
from agent_desk.store import straight


def remember(session: Session, command_id: str, reply: Mapping[str, Any], *, at: datetime) -> None:
    """Store a reply with the rows of its command; an id that was used fails the transaction."""
    values = {"command_id": command_id, "reply": dict(reply), "at": at}
    straight.write(session, _REMEMBER, values)


def recall(session: Session, command_ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The stored replies of those ids that have one."""
    found = straight.rows(session, _RECALL, {"ids": list(command_ids)})
    return {command_id: reply for command_id, reply in found}


def forget_before(session: Session, instant: datetime) -> int:
    """Delete replies nobody can ask for any more; returns how many."""
    done = session.execute(delete(CommandReply).where(CommandReply.at < instant))
    return int(done.rowcount)  # type: ignore[attr-defined]


# Built once: every press asks, and is remembered.
_REMEMBER = insert(CommandReply)
_RECALL = select(CommandReply.command_id, CommandReply.reply).where(
    CommandReply.command_id.in_(bindparam("ids", expanding=True))
)
