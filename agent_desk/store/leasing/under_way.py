"""Attempts of ours that nobody talks on yet: shown to an operator, ordered or ringing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Row, Select, or_, select, true
from sqlalchemy.orm import Session

from agent_desk.models.calls import Attempt, Call
from agent_desk.models.lists import ListEntry
from agent_desk.store.leasing.candidates import EntryRow


@dataclass(frozen=True)
class UnderWay:
    """One of them. `attended`: an operator saw whom he calls first.

    `left_at` is when its INVITE left, of what the dialer orders by itself the lease, which comes
    just before; None: an operator has it on screen, and no INVITE was heard of.
    """

    call_id: str
    campaign_id: int
    phone_id: int
    entry: EntryRow
    attended: bool
    left_at: datetime | None


def those(session: Session, call_ids: Collection[str]) -> list[UnderWay]:
    """Of these calls."""
    return _found(session, Attempt.id.in_(call_ids))


def of_people(session: Session, customer_ids: Collection[int]) -> list[UnderWay]:
    """To these people."""
    return _found(session, Attempt.customer_id.in_(customer_ids))


def concerned(
    session: Session,
    *,
    customer_id: int | None,
    number_key: str | None,
    campaign_id: int | None,
) -> list[UnderWay]:
    """Of an override's person, number or campaign; of all three None everybody's, for an area."""
    named = (
        (Attempt.customer_id, customer_id),
        (Attempt.number_key, number_key),
        (Attempt.campaign_id, campaign_id),
    )
    chosen = [column == value for column, value in named if value is not None]
    return _found(session, or_(*chosen) if chosen else true())


def _found(session: Session, whose: ColumnElement[bool]) -> list[UnderWay]:
    return [_under_way(row) for row in session.execute(_OURS.where(whose))]


def _under_way(row: Row[*tuple[object, ...]]) -> UnderWay:
    call_id, campaign_id, phone_id, seat_id, placed_at, leased_at, *entry = row
    attended = seat_id is not None
    left_at = placed_at or (None if attended else leased_at)
    return UnderWay(call_id, campaign_id, phone_id, EntryRow(*entry), attended, left_at)  # type: ignore[arg-type]


_OURS: Select[*tuple[object, ...]] = (
    select(
        Attempt.id,
        Attempt.campaign_id,
        Attempt.phone_id,
        Attempt.seat_id,
        Attempt.placed_at,
        Attempt.leased_at,
        ListEntry.id,
        ListEntry.list_id,
        ListEntry.customer_id,
        ListEntry.priority,
        ListEntry.next_at,
        ListEntry.tries,
    )
    .join(Call, Call.id == Attempt.id)
    .join(ListEntry, ListEntry.id == Attempt.list_entry_id)
    .where(
        Attempt.open,
        Attempt.inbound.is_(False),
        Call.bridged_at.is_(None),
        Attempt.phone_id.is_not(None),
    )
    .order_by(Attempt.id)
)
