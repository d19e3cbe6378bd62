"""Callbacks that are owed, as operators and leads look at them, and handing them on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from agent_desk.models.base import from_microseconds, to_microseconds
from agent_desk.models.campaigns import Campaign, CampaignTeam
from agent_desk.models.customers import Customer
from agent_desk.models.results import Callback
from agent_desk.models.users import User
from agent_desk.store.leasing import reserved
from agent_desk.store.rows import callbacks


@dataclass(frozen=True)
class OwedCallback:
    """One open callback. `user_id` None: anybody's."""

    id: int
    due_at: datetime
    made_at: datetime
    cause: str
    campaign_id: int
    campaign: str
    customer_id: int
    name_sealed: bytes
    external_id: str | None
    user_id: int | None
    operator: str | None


def place_of(row: OwedCallback) -> tuple[int, int]:
    """Where a row stands in the order: microseconds since 1970, and its id."""
    return to_microseconds(row.due_at), row.id


def behind(microseconds: int, row_id: int) -> tuple[datetime, int]:
    """The place behind which the next page begins; OverflowError for no instant."""
    return from_microseconds(microseconds), row_id


def of_operator(
    session: Session, user_id: int, *, until: datetime, limit: int
) -> list[OwedCallback]:
    """An operator's own that are due until then, soonest first."""
    query = _OPEN.where(Callback.user_id == user_id, Callback.due_at < until)
    return _rows(session, query.limit(limit))


def page(
    session: Session,
    *,
    teams: Collection[int] | None,
    after: tuple[datetime, int] | None,
    limit: int,
) -> list[OwedCallback]:
    """Of the campaigns of these teams (None: of all), soonest first."""
    query = _within(_OPEN, teams)
    if after is not None:
        due_at, last = after
        later = (Callback.due_at == due_at) & (Callback.id > last)
        query = query.where((Callback.due_at > due_at) | later)
    return _rows(session, query.limit(limit))


def one(
    session: Session, callback_id: int, *, teams: Collection[int] | None
) -> OwedCallback | None:
    """An open callback in scope."""
    found = _rows(session, _within(_OPEN, teams).where(Callback.id == callback_id))
    return found[0] if found else None


def operators(session: Session, campaign_id: int) -> list[tuple[int, str]]:
    """Who may be given a callback of a campaign: operators of its teams who may sign in."""
    query = (
        select(User.id, User.name)
        .join(CampaignTeam, CampaignTeam.team_id == User.team_id)
        .where(CampaignTeam.campaign_id == campaign_id, User.role == "operator", User.enabled)
        .order_by(User.username)
    )
    return [(int(row[0]), str(row[1])) for row in session.execute(query)]


def reassign(session: Session, callback_id: int, user_id: int | None) -> None:
    """Give it to an operator, or to anybody; nobody waits for who had it before."""
    entry = select(Callback.list_entry_id).where(Callback.id == callback_id)
    reserved.release(session, list(session.scalars(entry)))
    this = update(Callback).where(Callback.id == callback_id, Callback.state == "open")
    session.execute(this.values(user_id=user_id))


def cancel(session: Session, callback_id: int, *, reason_sealed: bytes, at: datetime) -> None:
    """Nobody calls back; the entry goes on by its own priority."""
    row = session.get_one(Callback, callback_id)
    row.state, row.ended_at, row.reason_sealed = "cancelled", at, reason_sealed
    session.flush()
    callbacks.put_back(session, row.list_entry_id)


def _rows(session: Session, query: Select[*tuple[Any, ...]]) -> list[OwedCallback]:
    return [OwedCallback(*row) for row in session.execute(query)]


def _within(
    query: Select[*tuple[Any, ...]],
    teams: Collection[int] | None,
) -> Select[*tuple[Any, ...]]:
    if teams is None:
        return query
    theirs = select(CampaignTeam.campaign_id).where(CampaignTeam.team_id.in_(list(teams)))
    return query.where(Callback.campaign_id.in_(theirs))


_OPEN = (
    select(
        Callback.id,
        Callback.due_at,
        Callback.made_at,
        Callback.cause,
        Callback.campaign_id,
        Campaign.name,
        Callback.customer_id,
        Customer.name_sealed,
        Customer.external_id,
        Callback.user_id,
        User.name,
    )
    .join(Campaign, Campaign.id == Callback.campaign_id)
    .join(Customer, Customer.id == Callback.customer_id)
    .outerjoin(User, User.id == Callback.user_id)
    .where(Callback.state == "open")
    .order_by(Callback.due_at, Callback.id)
)
