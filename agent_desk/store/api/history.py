"""Calls and results as other systems read them: oldest first, by pages that skip nothing.

A page begins behind the row the page before ended with, so what is added meanwhile comes at its
own place. `since` keeps what changed from an instant on: what was asked about before, and is.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Select, and_, exists, func, or_, select, type_coerce
from sqlalchemy.orm import Session, aliased

from agent_desk.models.base import to_microseconds
from agent_desk.models.calls import Attempt, AttemptOutcome, Call
from agent_desk.models.campaigns import Campaign, CampaignTeam
from agent_desk.models.customers import Customer, Note, Phone
from agent_desk.models.lists import ListEntry
from agent_desk.models.results import Promise, Result
from agent_desk.models.users import User


@dataclass(frozen=True)
class Question:
    """What is asked for; None leaves it open. `after`: (microseconds, id) of the last row seen."""

    start: datetime | None
    end: datetime | None
    since: datetime | None
    campaign_id: int | None
    teams: Collection[int] | None
    after: tuple[int, str] | None
    most: int


@dataclass(frozen=True)
class CallRow:
    """One attempt and what became of it. The last three are personal data."""

    id: str
    at: datetime
    inbound: bool
    campaign_id: int
    campaign: str
    list_id: int | None
    customer_id: int | None
    operator: str | None
    outcome: str | None
    sip_code: int | None
    answered_at: datetime | None
    bridged_at: datetime | None
    ended_at: datetime | None
    customer_source: str | None = field(repr=False)
    external_id: str | None = field(repr=False)
    number_sealed: bytes | None = field(repr=False)


@dataclass(frozen=True)
class ResultRow:
    """The newest version of a call's result. The promise and the last three are personal data."""

    id: int
    at: datetime
    call_id: str
    version: int
    campaign_id: int
    campaign: str
    customer_id: int | None
    operator: str
    codes: list[str]
    recorded: bool
    counterpart: str | None
    promise_state: str | None
    promise_due_on: date | None
    promise_yen: int | None
    customer_source: str | None = field(repr=False)
    external_id: str | None = field(repr=False)
    note_sealed: bytes | None = field(repr=False)


def calls(session: Session, asked: Question) -> list[CallRow]:
    """Calls by the instant their attempt began."""
    query = _within(_CALLS, asked.teams, Call.seat_user_id)
    if asked.since is not None:
        later = [Attempt.leased_at, Call.since, Call.ended_at, AttemptOutcome.at]
        query = query.where(or_(*(instant >= asked.since for instant in later)))
    query = _asked(query, asked, Attempt.leased_at, Attempt.id, Attempt.campaign_id)
    return [CallRow(*row) for row in session.execute(query)]


def results(session: Session, asked: Question) -> list[ResultRow]:
    """Results by the instant they were saved; a corrected one is where its correction is."""
    query = _RESULTS
    if asked.teams is not None:
        query = query.where(User.team_id.in_(list(asked.teams)))
    if asked.since is not None:
        query = query.where(Result.at >= asked.since)
    after = None if asked.after is None else int(asked.after[1])
    query = _asked(query, asked, Result.at, Result.id, Result.campaign_id, after)
    return [ResultRow(*row) for row in session.execute(query)]


def place_of(row: CallRow | ResultRow) -> tuple[int, str]:
    """Where a row stands: microseconds since 1970, and its id."""
    return to_microseconds(row.at), str(row.id)


def _asked(
    query: Select[*tuple[Any, ...]],
    asked: Question,
    instant: Any,
    row_id: Any,
    campaign_id: Any,
    after_id: int | None = None,
) -> Select[*tuple[Any, ...]]:
    if asked.start is not None:
        query = query.where(instant >= asked.start)
    if asked.end is not None:
        query = query.where(instant < asked.end)
    if asked.campaign_id is not None:
        query = query.where(campaign_id == asked.campaign_id)
    if asked.after is not None:
        microseconds, last = asked.after
        plain: Any = type_coerce(instant, BigInteger)
        behind = row_id > (last if after_id is None else after_id)
        query = query.where(or_(plain > microseconds, and_(plain == microseconds, behind)))
    return query.order_by(instant, row_id).limit(asked.most)


def _within(
    query: Select[*tuple[Any, ...]], teams: Collection[int] | None, seat_user_id: Any
) -> Select[*tuple[Any, ...]]:
    """A call belongs to its operator's team; one that reached nobody to its campaign's teams."""
    if teams is None:
        return query
    campaigns_team = exists().where(
        CampaignTeam.campaign_id == Attempt.campaign_id, CampaignTeam.team_id.in_(list(teams))
    )
    own = User.team_id.in_(list(teams))
    return query.where(or_(own, and_(seat_user_id.is_(None), campaigns_team)))


_CALLS = (
    select(
        Attempt.id,
        Attempt.leased_at,
        Attempt.inbound,
        Attempt.campaign_id,
        Campaign.name,
        ListEntry.list_id,
        Attempt.customer_id,
        User.username,
        AttemptOutcome.outcome,
        AttemptOutcome.sip_code,
        Call.answered_at,
        Call.bridged_at,
        Call.ended_at,
        Customer.source,
        Customer.external_id,
        func.coalesce(Phone.number_sealed, Attempt.number_sealed),
    )
    .join(Campaign, Campaign.id == Attempt.campaign_id)
    .outerjoin(Call, Call.id == Attempt.id)
    .outerjoin(User, User.id == Call.seat_user_id)
    .outerjoin(AttemptOutcome, AttemptOutcome.attempt_id == Attempt.id)
    .outerjoin(ListEntry, ListEntry.id == Attempt.list_entry_id)
    .outerjoin(Customer, Customer.id == Attempt.customer_id)
    .outerjoin(Phone, Phone.id == Attempt.phone_id)
)
_NEWER = aliased(Result)
_PROMISED = (
    select(Promise.call_id, func.max(Promise.id).label("id"))
    .where(Promise.state.in_(("open", "kept", "broken")))
    .group_by(Promise.call_id)
    .subquery()
)
_RESULTS = (
    select(
        Result.id,
        Result.at,
        Result.call_id,
        Result.version,
        Result.campaign_id,
        Campaign.name,
        Result.customer_id,
        User.username,
        Result.codes,
        Result.recorded,
        Result.counterpart,
        Promise.state,
        Promise.due_on,
        Promise.amount_yen,
        Customer.source,
        Customer.external_id,
        Note.text_sealed,
    )
    .join(Campaign, Campaign.id == Result.campaign_id)
    .join(User, User.id == Result.user_id)
    .outerjoin(Customer, Customer.id == Result.customer_id)
    .outerjoin(Note, Note.id == Result.note_id)
    .outerjoin(_PROMISED, _PROMISED.c.call_id == Result.call_id)
    .outerjoin(Promise, Promise.id == _PROMISED.c.id)
    .where(~exists().where(_NEWER.call_id == Result.call_id, _NEWER.version > Result.version))
)
