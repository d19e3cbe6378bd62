"""What the attempts of a period came to: how many got how far, how long was talked, by day."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, func, select, type_coerce
from sqlalchemy.orm import Session

from agent_desk.models.calls import Attempt, Call
from agent_desk.models.campaigns import CampaignTeam
from agent_desk.models.results import Promise, StatusMark
from agent_desk.store.campaigns import training

_DAY_US = 86_400_000_000
_JST_US = 32_400_000_000
_EPOCH = date(1970, 1, 1)
_STANDING = ("open", "kept", "broken")  # what was taken back or replaced was not promised


@dataclass(frozen=True)
class Scope:
    """Of which campaign, and of campaigns of which teams; None: of all. Practice is in none."""

    campaign_id: int | None = None
    teams: Collection[int] | None = None

    def of(self, campaign_id: Any) -> tuple[ColumnElement[bool], ...]:
        """Whether a row belongs to it, by the column of its campaign."""
        found: list[ColumnElement[bool]] = [training.counts(campaign_id)]
        if self.campaign_id is not None:
            found.append(campaign_id == self.campaign_id)
        if self.teams is not None:
            theirs = select(CampaignTeam.campaign_id)
            found.append(campaign_id.in_(theirs.where(CampaignTeam.team_id.in_(list(self.teams)))))
        return tuple(found)

    def placed(self, start: datetime, end: datetime) -> tuple[ColumnElement[bool], ...]:
        """Attempts placed by us in [start, end), as the funnel counts them."""
        return (
            Attempt.leased_at >= start,
            Attempt.leased_at < end,
            Attempt.placed_at.is_not(None),
            *self.of(Attempt.campaign_id),
        )


@dataclass(frozen=True)
class Reached:
    """Attempts placed, those answered, bridged and verified, and how long was talked."""

    attempts: int
    answered: int
    bridged: int
    verified: int
    talk: timedelta


@dataclass(frozen=True)
class Promised:
    """Promises made in a period that stand, and promises of any day that were kept within it."""

    made: int
    kept: int
    broken: int


def reached(session: Session, start: datetime, end: datetime, scope: Scope) -> Reached:
    """How far the attempts placed in [start, end) got."""
    ended, bridged = (type_coerce(each, BigInteger) for each in (Call.ended_at, Call.bridged_at))
    query = (
        select(
            func.count(),
            func.count(Call.answered_at),
            func.count(Call.bridged_at),
            func.count().filter(Call.identity == "verified"),
            func.coalesce(func.sum(ended - bridged), 0),
        )
        .select_from(Attempt)
        .join(Call, Call.id == Attempt.id)
        .where(*scope.placed(start, end))
    )
    attempts, answered, talked, verified, lasted = session.execute(query).one()
    return Reached(attempts, answered, talked, verified, timedelta(microseconds=int(lasted)))


def with_status(session: Session, start: datetime, end: datetime, scope: Scope) -> dict[str, int]:
    """Calls of those attempts that have a status on, by its code."""
    query = (
        select(StatusMark.code, func.count())
        .join(Attempt, Attempt.id == StatusMark.call_id)
        .where(*scope.placed(start, end), StatusMark.current, StatusMark.marked)
        .group_by(StatusMark.code)
    )
    return {code: count for code, count in session.execute(query)}


def promises(session: Session, start: datetime, end: datetime, scope: Scope) -> Promised:
    """Promises made on calls, by when they were made and when they ended."""
    on_calls = select(func.count()).select_from(Promise).join(Call, Call.id == Promise.call_id)
    ours = on_calls.where(*scope.of(Call.campaign_id))
    made = ours.where(Promise.made_at >= start, Promise.made_at < end, Promise.state.in_(_STANDING))
    ended = ours.where(Promise.ended_at >= start, Promise.ended_at < end)
    return Promised(
        made=session.scalar(made) or 0,
        kept=session.scalar(ended.where(Promise.state == "kept")) or 0,
        broken=session.scalar(ended.where(Promise.state == "broken")) or 0,
    )


def by_day(session: Session, start: datetime, end: datetime, scope: Scope) -> dict[date, int]:
    """Attempts placed, by Japanese day."""
    leased: Any = type_coerce(Attempt.leased_at, BigInteger)
    day = (leased + _JST_US) // _DAY_US
    query = select(day, func.count()).where(*scope.placed(start, end)).group_by(day)
    found = session.execute(query)
    return {_EPOCH + timedelta(days=int(number)): count for number, count in found}
