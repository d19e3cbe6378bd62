"""What is needed to price a month: the calls of each day by length, and how many people worked.

Calls that are alike (same campaign, same kind of number, same begun seconds) are counted by the
database, so a month is some thousand rows however many calls it had.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Select, func, or_, select, type_coerce
from sqlalchemy.orm import Session

from agent_desk.dialer.bills import Talks
from agent_desk.dialer.charges import line_of
from agent_desk.models.calls import Attempt, Call
from agent_desk.models.campaigns import Campaign
from agent_desk.models.customers import Phone
from agent_desk.models.seat_moves import SeatMove
from agent_desk.models.users import User
from agent_desk.store.campaigns import training

_SECOND_US = 1_000_000
# A line may be busy after the call was over for us.
_FREE_AT: Any = func.coalesce(Call.line_ended_at, Call.ended_at)
_LASTED_US: Any = type_coerce(_FREE_AT, BigInteger) - type_coerce(Call.answered_at, BigInteger)


@dataclass(frozen=True)
class TalksOf:
    """Calls that are alike, whose campaign and under which tariff they were leased."""

    tariff_id: int | None
    campaign_id: int
    talks: Talks


def talks(session: Session, day: date, start: datetime, end: datetime) -> list[TalksOf]:
    """The answered outbound calls of a Japanese day, whose instants are [start, end).

    Practice is not charged; a caller pays for a call that came in.
    """
    begun = (_LASTED_US + (_SECOND_US - 1)) // _SECOND_US
    # Numbers lie all over the disk: looked at only where the call itself does not say its line.
    phone = select(Phone.kind).where(Phone.id == Attempt.phone_id).correlate(Attempt)
    kind = func.coalesce(Attempt.line, phone.scalar_subquery()).label("kind")
    every = (
        select(Attempt.tariff_id, Attempt.campaign_id, kind, begun.label("begun"))
        .select_from(Call)
        .join(Attempt, Attempt.id == Call.id)
        .where(
            Call.answered_at.is_not(None),
            Call.leased_at >= start,
            Call.leased_at < end,
            Call.ended_at.is_not(None),
            Attempt.inbound.is_(False),
            Attempt.campaign_id.not_in(training.IDS),
        )
        .subquery()
    )
    columns = list(every.c)
    query: Select[*tuple[Any, ...]] = select(*columns, func.count())
    query = query.group_by(*columns).order_by(*columns)
    return [
        TalksOf(tariff_id, campaign_id, Talks(day, line_of(kind), max(1, int(seconds)), count))
        for tariff_id, campaign_id, kind, seconds, count in session.execute(query)
    ]


def most_seats_at_once(session: Session, start: datetime, end: datetime) -> int:
    """How many operators were logged in at the same instant, at most."""
    query = (
        select(SeatMove.user_id, SeatMove.to_state)
        .where(
            SeatMove.at >= start,
            SeatMove.at < end,
            or_(SeatMove.from_state == "offline", SeatMove.to_state == "offline"),
        )
        .order_by(SeatMove.at, SeatMove.id)
    )
    moves = [(user_id, state != "offline") for user_id, state in session.execute(query)]
    first: dict[int, bool] = {}
    for user_id, comes in moves:
        first.setdefault(user_id, comes)
    # Whoever left before they came had been there when the month began.
    there = {user_id for user_id, comes in first.items() if not comes}
    most = len(there)
    for user_id, comes in moves:
        if comes:
            there.add(user_id)
        else:
            there.discard(user_id)
        most = max(most, len(there))
    return most


def operators(session: Session, start: datetime, end: datetime) -> int:
    """How many operators had a login in [start, end): enabled now, or at work then."""
    worked = select(SeatMove.user_id).where(SeatMove.at >= start, SeatMove.at < end)
    query = (
        select(func.count())
        .select_from(User)
        .where(
            User.role == "operator",
            User.created_at < end,
            or_(User.enabled, User.id.in_(worked)),
        )
    )
    return session.scalar(query) or 0


def campaign_names(session: Session) -> dict[int, str]:
    """Every campaign's name, by id."""
    return {key: name for key, name in session.execute(select(Campaign.id, Campaign.name))}
