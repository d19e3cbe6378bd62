"""Scores of a period, counted by day, campaign and operator; and the calls behind them.

A question belongs to the instant it was asked. Practice is nobody's figure, and somebody in charge
sees the campaigns and the people of their teams.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, func, or_, select, type_coerce
from sqlalchemy.orm import Session

from agent_desk.models.campaigns import Campaign
from agent_desk.models.satisfaction import CallScore, CustomerVoice
from agent_desk.models.users import User
from agent_desk.store.reports.scope import of_campaigns, people_of

_DAY_US = 24 * 3_600_000_000
_JST_US = 9 * 3_600_000_000
_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class Wanted:
    """Asked in [start, end), in the scope of these teams (None: all), of one campaign or operator
    where one is asked for."""

    start: datetime
    end: datetime
    teams: Collection[int] | None = None
    campaign_id: int | None = None
    user_id: int | None = None


@dataclass(frozen=True)
class ScoreCount:
    """How many questions of a day, campaign and operator came to this."""

    day: date
    campaign: str
    operator: str  # display name and username: two may have one name
    state: str
    score: int | None
    count: int


@dataclass(frozen=True)
class ScoredCall:
    """One question, and the call it ended."""

    call_id: str
    asked_at: datetime
    campaign: str
    operator: str
    state: str
    score: int | None


def counts(session: Session, wanted: Wanted) -> list[ScoreCount]:
    """Everything the figures are made of, in the order of days."""
    day = (type_coerce(CallScore.asked_at, BigInteger) + _JST_US) // _DAY_US
    keys = (
        day,
        Campaign.name,
        User.name,
        User.username,
        CallScore.state,
        CallScore.score,
    )
    query = (
        select(*keys, func.count())
        .join(Campaign, Campaign.id == CallScore.campaign_id)
        .join(User, User.id == CallScore.user_id)
        .where(*_within(session, wanted, CallScore.asked_at, CallScore))
        .group_by(*keys)
        .order_by(*keys)
    )
    return [
        ScoreCount(
            date.fromordinal(_EPOCH + int(of_day)),
            campaign,
            f"{name} ({username})",
            state,
            score,
            count,
        )
        for of_day, campaign, name, username, state, score, count in session.execute(query)
    ]


def calls(
    session: Session, wanted: Wanted, *, score: int | None, most: int
) -> Sequence[ScoredCall]:
    """The newest of them, of one score where one is asked for."""
    query = (
        select(
            CallScore.call_id,
            CallScore.asked_at,
            Campaign.name,
            User.name,
            CallScore.state,
            CallScore.score,
        )
        .join(Campaign, Campaign.id == CallScore.campaign_id)
        .join(User, User.id == CallScore.user_id)
        .where(*_within(session, wanted, CallScore.asked_at, CallScore))
        .order_by(CallScore.asked_at.desc(), CallScore.call_id)
        .limit(most)
    )
    if score is not None:
        query = query.where(CallScore.score == score)
    return [ScoredCall(*row) for row in session.execute(query)]


def voices(session: Session, wanted: Wanted) -> dict[str, int]:
    """How many texts customers' words were written down in, by campaign."""
    query = (
        select(Campaign.name, func.count())
        .join(CustomerVoice, CustomerVoice.campaign_id == Campaign.id)
        .where(*_within(session, wanted, CustomerVoice.at, CustomerVoice))
        .group_by(Campaign.name)
        .order_by(Campaign.name)
    )
    return {name: count for name, count in session.execute(query)}


def voices_within(session: Session, wanted: Wanted) -> list[ColumnElement[bool]]:
    """The condition on texts."""
    return _within(session, wanted, CustomerVoice.at, CustomerVoice)


def _within(
    session: Session, wanted: Wanted, instant: Any, table: type[CallScore] | type[CustomerVoice]
) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [
        instant >= wanted.start,
        instant < wanted.end,
        *of_campaigns(table.campaign_id, teams=wanted.teams, campaign_id=wanted.campaign_id),
    ]
    if wanted.user_id is not None:
        found.append(table.user_id == wanted.user_id)
    if wanted.teams is not None:
        theirs = table.user_id.in_(sorted(people_of(session, wanted.teams)))
        # What somebody in charge wrote of a recording is of the campaign, not of a team.
        heard = (CustomerVoice.heard == "recording") if table is CustomerVoice else None
        found.append(theirs if heard is None else or_(theirs, heard))
    return found
