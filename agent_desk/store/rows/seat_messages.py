"""Rows of what leads wrote to operators, and of who has taken note of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session, aliased

from agent_desk.models.seat_messages import SeatMessage, SeatMessageRecipient
from agent_desk.models.users import User


@dataclass(frozen=True)
class Recipient:
    """One person a message is for, and how far it has come with them."""

    user_id: int
    username: str
    name: str
    team_id: int | None
    delivered_at: datetime | None = None
    reminded_at: datetime | None = None
    acknowledged_at: datetime | None = None


@dataclass(frozen=True)
class MessageRow:
    """One message; `by` is the lead's username, `scope_id` a user, a team, a campaign or nobody."""

    message_id: str
    by: str
    by_name: str
    scope: str
    scope_id: int | None
    text: str
    sent_at: datetime
    recipients: Mapping[str, Recipient]  # by username


def add(session: Session, message: MessageRow, *, by_user_id: int) -> None:
    """Write a message and for whom it is."""
    session.execute(
        insert(SeatMessage).values(
            id=message.message_id,
            by_user_id=by_user_id,
            scope=message.scope,
            scope_id=message.scope_id,
            text=message.text,
            sent_at=message.sent_at,
        )
    )
    rows = [
        {"message_id": message.message_id, "user_id": each.user_id}
        for each in message.recipients.values()
    ]
    session.execute(insert(SeatMessageRecipient), rows)


def note(
    session: Session, message_ids: Collection[str], user_ids: Iterable[int], **instants: datetime
) -> None:
    """Set `delivered_at`, `reminded_at` or `acknowledged_at` of these people in these messages."""
    session.execute(
        update(SeatMessageRecipient)
        .where(
            SeatMessageRecipient.message_id.in_(message_ids),
            SeatMessageRecipient.user_id.in_(list(user_ids)),
        )
        .values(**instants)
    )


def sent_since(session: Session, instant: datetime) -> list[MessageRow]:
    """Every message since then, oldest first."""
    lead, operator = aliased(User), aliased(User)
    recipients: dict[str, dict[str, Recipient]] = {}
    query = (
        select(SeatMessageRecipient, operator.username, operator.name, operator.team_id)
        .join(operator, operator.id == SeatMessageRecipient.user_id)
        .join(SeatMessage, SeatMessage.id == SeatMessageRecipient.message_id)
        .where(SeatMessage.sent_at >= instant)
        .order_by(operator.username)
    )
    for row, username, name, team_id in session.execute(query):
        recipients.setdefault(row.message_id, {})[username] = Recipient(
            row.user_id,
            username,
            name,
            team_id,
            row.delivered_at,
            row.reminded_at,
            row.acknowledged_at,
        )
    messages = (
        select(SeatMessage, lead.username, lead.name)
        .join(lead, lead.id == SeatMessage.by_user_id)
        .where(SeatMessage.sent_at >= instant)
        .order_by(SeatMessage.sent_at, SeatMessage.id)
    )
    return [
        MessageRow(
            row.id,
            by,
            name,
            row.scope,
            row.scope_id,
            row.text,
            row.sent_at,
            recipients.get(row.id, {}),
        )
        for row, by, name in session.execute(messages)
    ]
