"""What must not have happened: calls that went against a rule, found among a period's rows.

Each question is about calls leased in [start, end), practice left out, within the campaigns of
those who ask. On a desk that works none of them finds anything; they are asked of the rows, not of
the code that should have prevented it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, and_, case, func, or_, select, type_coerce
from sqlalchemy.orm import Session, aliased

from agent_desk.dialer.calling_rules import HARD_CLOSE_MINUTE, HARD_DAILY_CAP, HARD_OPEN_MINUTE
from agent_desk.models.base import to_microseconds
from agent_desk.models.calls import Attempt, AttemptOutcome, Call, CallPrompt, Recording
from agent_desk.models.campaigns import Campaign
from agent_desk.models.results import Promise, Result
from agent_desk.models.rules import Override
from agent_desk.store.invariants.recordings import TOLD_WITHIN
from agent_desk.store.records.saved_results import PAST
from agent_desk.store.reports.dialing import Period
from agent_desk.store.reports.scope import of_campaigns

_MINUTE_US = 60_000_000
_DAY_US = 1440 * _MINUTE_US
_JST_US = 540 * _MINUTE_US


@dataclass(frozen=True)
class Breach:
    """One call against one rule."""

    rule_id: str
    what: str
    call_id: str
    leased_at: datetime
    campaign: str


def of_period(session: Session, period: Period, now: datetime) -> list[Breach]:
    """Every one of them, by rule, oldest first."""
    return [
        Breach(rule_id, what, *row)
        for (rule_id, what), question in QUESTIONS.items()
        for row in session.execute(question(period, now))
    ]


def _calls(period: Period, *, ours: bool = True) -> Select[*tuple[Any, ...]]:
    return (
        select(Attempt.id, Attempt.leased_at, Campaign.name)
        .join(Campaign, Campaign.id == Attempt.campaign_id)
        .join(Call, Call.id == Attempt.id)
        .where(*period.within(ours=ours))
        .order_by(Attempt.leased_at, Attempt.id)
    )


def _talks(period: Period) -> Select[*tuple[Any, ...]]:
    """Calls an operator talked on, those that came in too."""
    return (
        select(Call.id, Call.leased_at, Campaign.name)
        .join(Campaign, Campaign.id == Call.campaign_id)
        .where(*period.answered(), Call.bridged_at.is_not(None))
        .order_by(Call.leased_at, Call.id)
    )


def _outside_hours(period: Period, now: datetime) -> Select[*tuple[Any, ...]]:
    """R01, R03, R04: the INVITE left outside 8:00-21:00, without an override on a consent."""
    consented = (
        select(Override.id)
        .where(
            Override.rule_id.in_(("R01", "R03", "R04")),
            Override.consent_id.is_not(None),
            or_(
                Override.customer_id == Attempt.customer_id,
                Override.number_key == Attempt.number_key,
            ),
            Override.made_at <= Attempt.leased_at,
            Override.until > Attempt.leased_at,
            or_(Override.lifted_at.is_(None), Override.lifted_at > Attempt.leased_at),
        )
        .correlate(Attempt)
    )
    of_day = (_us(Attempt.placed_at) + _JST_US) % _DAY_US
    opened, closed = HARD_OPEN_MINUTE * _MINUTE_US, HARD_CLOSE_MINUTE * _MINUTE_US
    return _calls(period).where(
        Attempt.placed_at.is_not(None),
        ~of_day.between(opened, closed - 1),
        ~consented.exists(),
    )


def _beyond_cap(period: Period, now: datetime) -> Select[*tuple[Any, ...]]:
    """R10: which counted attempt of the person's day it was, against the cap it was judged by."""
    number = func.count().over(
        partition_by=(Attempt.customer_id, _day(Attempt.leased_at)),
        order_by=Attempt.leased_at,  # those of one instant count for each other
    )
    numbered = (
        select(Attempt.id, Attempt.leased_at, Attempt.campaign_id, Attempt.cap_today)
        .add_columns(number.label("number"))
        .where(
            Attempt.counts,
            Attempt.inbound.is_(False),
            Attempt.customer_id.is_not(None),
            Attempt.leased_at >= period.start - timedelta(days=1),
            Attempt.leased_at < period.end,
        )
        .subquery()
        .c
    )
    dunned = and_(Campaign.kind == "collections", numbered.cap_today > HARD_DAILY_CAP)
    cap = case((dunned, HARD_DAILY_CAP), else_=numbered.cap_today)
    return (
        select(numbered.id, numbered.leased_at, Campaign.name)
        .join(Campaign, Campaign.id == numbered.campaign_id)
        .where(
            numbered.leased_at >= period.start,
            numbered.number > cap,
            *of_campaigns(numbered.campaign_id, teams=period.teams, campaign_id=period.campaign_id),
        )
        .order_by(numbered.leased_at, numbered.id)
    )


def _abandoned_without_words(period: Period, now: datetime) -> Select[*tuple[Any, ...]]:
    """R21: abandoned, no operator came, and no recording was played either.

    Sums have no index: the few that were abandoned come first, not all that were called, nor all
    that no operator heard.
    """
    told = select(CallPrompt.id).where(CallPrompt.call_id == Attempt.id).correlate(Attempt)
    leased = _us(Attempt.leased_at) + 0
    return (
        select(Attempt.id, Attempt.leased_at, Campaign.name)
        .select_from(AttemptOutcome)
        .join(Attempt, Attempt.id == AttemptOutcome.attempt_id)
        .join(Campaign, Campaign.id == Attempt.campaign_id)
        .join(Call, Call.id == Attempt.id)
        .where(
            AttemptOutcome.abandoned,
            AttemptOutcome.at >= period.start,  # it ended after it began: for the index
            leased >= to_microseconds(period.start),
            leased < to_microseconds(period.end),
            Attempt.inbound.is_(False),
            *of_campaigns(Attempt.campaign_id, teams=period.teams, campaign_id=period.campaign_id),
            (_us(Call.bridged_at) + 0).is_(None),
            ~told.exists(),
        )
        .order_by(Attempt.leased_at, Attempt.id)
    )


def _promise_of_strangers(period: Period, now: datetime) -> Select[*tuple[Any, ...]]:
    """R32: a promise was taken down though nobody knew whom it was from."""
    theirs = (
        select(Promise.id)
        .where(Promise.call_id == Attempt.id, Promise.state.not_in(PAST))
        .correlate(Attempt)
    )
    asking = select(Campaign.id).where(Campaign.identity_needed)
    return _calls(period, ours=False).where(
        Attempt.campaign_id.in_(asking), Call.identity != "verified", theirs.exists()
    )


def _nobody_named(period: Period, now: datetime) -> Select[*tuple[Any, ...]]:
    """R50: a result without who was spoken to, or none that anybody wrote."""
    newer = aliased(Result)
    newest = (
        select(func.max(newer.version)).where(newer.call_id == Call.id).correlate(Call)
    ).scalar_subquery()
    named = (
        select(Result.id)
        .where(
            Result.call_id == Call.id,
            Result.version == newest,
            Result.recorded,
            Result.counterpart.is_not(None),
        )
        .correlate(Call)
    )
    wrote = select(Result.id).where(Result.call_id == Call.id).correlate(Call)
    return _talks(period).where(
        Campaign.kind == "collections",
        Call.live.is_(False),
        wrote.exists(),  # while the operator still writes there is none
        ~named.exists(),
    )


def _not_recorded(period: Period, now: datetime) -> Select[*tuple[Any, ...]]:
    """R50: it was to be recorded and there is no whole recording of it."""
    return (
        _talks(period)
        .outerjoin(Recording, Recording.call_id == Call.id)
        .where(
            Call.record,
            Call.ended_at < now - TOLD_WITHIN,
            or_(Recording.call_id.is_(None), Recording.state.in_(("damaged", "failed"))),
        )
    )


def _us(instant: Any) -> Any:
    return type_coerce(instant, BigInteger)


def _day(instant: Any) -> ColumnElement[int]:
    found: ColumnElement[int] = (_us(instant) + _JST_US) // _DAY_US
    return found


Question = Callable[[Period, datetime], Select[*tuple[Any, ...]]]
# (rule, what happened) → the calls it happened on.
QUESTIONS: Mapping[tuple[str, str], Question] = {
    ("R01", "outside_hours"): _outside_hours,
    ("R10", "beyond_cap"): _beyond_cap,
    ("R21", "no_message"): _abandoned_without_words,
    ("R32", "unknown_promise"): _promise_of_strangers,
    ("R50", "no_counterpart"): _nobody_named,
    ("R50", "not_recorded"): _not_recorded,
}
