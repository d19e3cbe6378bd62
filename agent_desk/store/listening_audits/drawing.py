"""Weeks of audits: which calls can be drawn, and what was drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, insert, or_, select, update
from sqlalchemy.orm import Session

from agent_desk.models.calls import Call, Recording
from agent_desk.models.campaigns import Campaign
from agent_desk.models.customers import Customer
from agent_desk.models.listening_audits import ListeningSample, ListeningScore, ListeningWeek
from agent_desk.models.users import User
from agent_desk.store.records.recordings import PLAYABLE


@dataclass(frozen=True)
class WeekRow:
    """One drawn week."""

    id: int
    monday: date
    seed: str
    settings_version: int
    operators: int
    candidates: int
    by: str
    at: datetime


@dataclass(frozen=True)
class Unheard:
    """A drawn call that cannot be listened to any more, before all were done who had to."""

    sample_id: int
    operator_id: int
    reason: str  # the state of the recording, or `erased`
    scores: int


def of_monday(session: Session, monday: date) -> WeekRow | None:
    """The week that begins then, if it was drawn."""
    return _week(session.scalar(select(ListeningWeek).where(ListeningWeek.monday == monday)))


def drawn(session: Session, *, limit: int) -> list[WeekRow]:
    """The newest drawn weeks, newest first."""
    query = select(ListeningWeek).order_by(ListeningWeek.monday.desc()).limit(limit)
    return [found for row in session.scalars(query) if (found := _week(row))]


def people(session: Session) -> Sequence[int]:
    """Everybody who may have talked: ids of all users."""
    return session.scalars(select(User.id).order_by(User.id)).all()


def candidates(
    session: Session, operator_id: int, *, between: tuple[datetime, datetime]
) -> Sequence[str]:
    """Talks of one operator that began then and can be heard: no practice, nobody erased."""
    begin, end = between
    query = (
        _heard(select(Call.id).join(Recording, Recording.call_id == Call.id))
        .where(Call.seat_user_id == operator_id, Call.bridged_at >= begin, Call.bridged_at < end)
        .where(_playable(), Campaign.training.is_(False))
    )
    return session.scalars(query).all()


def add_week(session: Session, **columns: Any) -> int:
    """A drawn week; its id."""
    done = session.execute(insert(ListeningWeek).values(**columns))
    return int(done.inserted_primary_key[0])  # type: ignore[attr-defined]


def add_samples(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """What was drawn."""
    if rows:
        session.execute(insert(ListeningSample), list(rows))


def unheard(session: Session, week_id: int, *, limit: int) -> list[Unheard]:
    """Drawn calls of which the recording went before everybody was done."""
    count = (
        select(func.count(ListeningScore.id))
        .where(ListeningScore.sample_id == ListeningSample.id)
        .correlate(ListeningSample)
        .scalar_subquery()
    )
    wanting = or_(count == 0, and_(count == 1, ListeningSample.second_wanted))
    query = (
        _heard(
            select(
                ListeningSample.id,
                ListeningSample.operator_id,
                Recording.state,
                Customer.erased_at,
                count,
            )
            .join(Call, Call.id == ListeningSample.call_id)
            .outerjoin(Recording, Recording.call_id == Call.id)
        )
        .where(ListeningSample.week_id == week_id, ListeningSample.gone_reason.is_(None))
        .where(wanting, or_(Recording.state.is_(None), ~_playable()))
        .order_by(ListeningSample.id)
        .limit(limit)
    )
    return [
        Unheard(row[0], row[1], "erased" if row[3] is not None else row[2] or "failed", row[4])
        for row in session.execute(query)
    ]


def mark_gone(session: Session, sample_id: int, *, reason: str, at: datetime) -> bool:
    """False when it is marked already."""
    where = (ListeningSample.id == sample_id, ListeningSample.gone_reason.is_(None))
    values = {"gone_reason": reason, "gone_at": at}
    done = session.execute(update(ListeningSample).where(*where).values(**values))
    return bool(done.rowcount)  # type: ignore[attr-defined]


def last_drawn(session: Session, week_id: int, operator_id: int) -> tuple[int, str]:
    """Place and hash of the last one drawn of this operator."""
    query = (
        select(ListeningSample.place, ListeningSample.drawn_hash)
        .where(ListeningSample.week_id == week_id, ListeningSample.operator_id == operator_id)
        .order_by(ListeningSample.place.desc())
        .limit(1)
    )
    place, drawn_hash = session.execute(query).one()
    return place, drawn_hash


def wants_second(session: Session, sample_id: int) -> bool:
    """Whether two people were to hear it: then two hear what replaces it."""
    query = select(ListeningSample.second_wanted).where(ListeningSample.id == sample_id)
    return bool(session.scalar(query))


def is_drawn(session: Session, monday: date) -> bool:
    """Whether a week was drawn, asked by who is about to."""
    return bool(session.scalar(select(exists().where(ListeningWeek.monday == monday))))


def _heard(query: Select[Any]) -> Select[Any]:
    return query.join(Campaign, Campaign.id == Call.campaign_id).outerjoin(
        Customer, Customer.id == Call.customer_id
    )


def _playable() -> ColumnElement[bool]:
    return and_(Recording.state.in_(PLAYABLE), Customer.erased_at.is_(None))


def _week(row: ListeningWeek | None) -> WeekRow | None:
    if row is None:
        return None
    names = ("id", "monday", "seed", "settings_version", "operators", "candidates", "by", "at")
    return WeekRow(**{name: getattr(row, name) for name in names})
