"""The calls of a period as leads look through them: newest first, by pages, within scope."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Select, and_, exists, func, or_, select, type_coerce
from sqlalchemy.orm import Session

from agent_desk.models.base import to_microseconds
from agent_desk.models.calls import Attempt, AttemptOutcome, Call, Recording
from agent_desk.models.campaigns import Campaign, CampaignTeam
from agent_desk.models.customers import Phone
from agent_desk.models.quality import CallQuality
from agent_desk.models.users import User

_LEASED: Any = type_coerce(Attempt.leased_at, BigInteger)


@dataclass(frozen=True)
class Cursor:
    """After which row the next page begins."""

    leased_at: int  # microseconds since 1970
    call_id: str


@dataclass(frozen=True)
class ListedCall:
    """One attempt and what became of it. Instants are UTC; None for what did not happen."""

    call_id: str
    inbound: bool
    leased_at: datetime
    campaign: str
    operator: str | None
    number_sealed: bytes | None = field(repr=False)
    outcome: str | None  # None while it lives
    sip_code: int | None
    answered_at: datetime | None
    bridged_at: datetime | None
    ended_at: datetime | None
    mos_hundredths: int | None
    worst_mos_hundredths: int | None
    poor_operator_s: int | None
    poor_customer_s: int | None
    poor_operator_why: str | None
    poor_customer_why: str | None
    noisy_operator_s: int | None
    noisy_customer_s: int | None
    recording: str | None  # its state
    verdict: str | None  # of screening, and what it heard
    evidence: str | None
    phone_kind: str | None
    tariff_id: int | None
    caller_id: str | None  # the number we showed; "" when withheld, None where nobody told
    anonymous: bool  # a caller without a number
    practised: bool  # with a pretend customer
    ended_by: str | None  # who hung up; None while it lives
    line_ended_at: datetime | None  # when its line was free, where that was later


def page(
    session: Session,
    start: datetime,
    end: datetime,
    *,
    teams: Collection[int] | None,
    campaign_id: int | None = None,
    talked: bool = False,
    practised: bool = True,
    call_id: str = "",
    after: Cursor | None = None,
    most: int = 50,
) -> list[ListedCall]:
    """At most `most` calls whose attempt began in [start, end); `teams` None means every team.

    `talked` keeps those that reached an operator, `practised` those with pretend customers,
    `call_id` one call alone.
    """
    query = _columns().where(Attempt.leased_at >= start, Attempt.leased_at < end)
    if campaign_id is not None:
        query = query.where(Attempt.campaign_id == campaign_id)
    if talked:
        query = query.where(Call.bridged_at.is_not(None))
    if call_id:
        query = query.where(Attempt.id == call_id)
    if not practised:
        query = query.where(Campaign.training.is_(False))
    if after is not None:
        earlier = and_(after.leased_at == _LEASED, Attempt.id < after.call_id)
        query = query.where(or_(after.leased_at > _LEASED, earlier))
    query = _within(query, teams)
    query = query.order_by(Attempt.leased_at.desc(), Attempt.id.desc()).limit(most)
    return [ListedCall(*row) for row in session.execute(query)]


def cursor_after(row: ListedCall) -> Cursor:
    """Where the page after this row begins."""
    return Cursor(to_microseconds(row.leased_at), row.call_id)


def gateway_of(session: Session, call_id: str, *, teams: Collection[int] | None) -> str | None:
    """Which gateway carried a call in scope; None for any other call."""
    query = (
        select(Attempt.gateway_id)
        .outerjoin(Call, Call.id == Attempt.id)
        .outerjoin(User, User.id == Call.seat_user_id)
        .where(Attempt.id == call_id)
    )
    return session.scalars(_within(query, teams)).one_or_none()


def _columns() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Attempt.id,
            Attempt.inbound,
            Attempt.leased_at,
            Campaign.name,
            User.name,
            func.coalesce(Phone.number_sealed, Attempt.number_sealed),
            AttemptOutcome.outcome,
            AttemptOutcome.sip_code,
            Call.answered_at,
            Call.bridged_at,
            Call.ended_at,
            CallQuality.mos_hundredths,
            CallQuality.worst_mos_hundredths,
            CallQuality.poor_operator_s,
            CallQuality.poor_customer_s,
            CallQuality.poor_operator_why,
            CallQuality.poor_customer_why,
            CallQuality.noisy_operator_s,
            CallQuality.noisy_customer_s,
            Recording.state,
            Call.verdict,
            Call.evidence,
            func.coalesce(Attempt.line, Phone.kind),
            Attempt.tariff_id,
            Attempt.caller_id,
            and_(Attempt.inbound, Attempt.number_key.is_(None)),
            Campaign.training,
            Call.ended_by,
            Call.line_ended_at,
        )
        .join(Campaign, Campaign.id == Attempt.campaign_id)
        .outerjoin(Call, Call.id == Attempt.id)
        .outerjoin(User, User.id == Call.seat_user_id)
        .outerjoin(Phone, Phone.id == Attempt.phone_id)
        .outerjoin(AttemptOutcome, AttemptOutcome.attempt_id == Attempt.id)
        .outerjoin(CallQuality, CallQuality.call_id == Attempt.id)
        .outerjoin(Recording, Recording.call_id == Attempt.id)
    )


def _within(
    query: Select[*tuple[Any, ...]], teams: Collection[int] | None
) -> Select[*tuple[Any, ...]]:
    """A call belongs to its operator's team; one that reached nobody to its campaign's teams."""
    if teams is None:
        return query
    campaigns_team = exists().where(
        CampaignTeam.campaign_id == Attempt.campaign_id, CampaignTeam.team_id.in_(list(teams))
    )
    own = User.team_id.in_(list(teams))
    return query.where(or_(own, and_(Call.seat_user_id.is_(None), campaigns_team)))
