"""What came after a month was closed and belongs into it: corrections, marks, promises, payments.

Counted from where the rows stood when the figures were made (`known`), so that nothing that is in
them is counted again. Nothing here changes a closed figure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from agent_desk.dialer.business_time import at as instant_of
from agent_desk.models.calls import Attempt, Call
from agent_desk.models.customers import Payment
from agent_desk.models.filters import ValidCall
from agent_desk.models.results import Promise, Result, StatusMark
from agent_desk.models.users import User
from agent_desk.models.working_time import CorrectionDecision, TimeCorrection
from agent_desk.store.facts import rows
from agent_desk.store.reports.closed_months import MonthVersion
from agent_desk.store.reports.corrected import FIRST
from agent_desk.store.reports.scope import of_campaigns

PAST = ("withdrawn", "replaced")


@dataclass(frozen=True)
class Whose:
    """Whose figures: of a campaign, of teams (None: all), of one person."""

    campaign_id: int | None = None
    teams: frozenset[int] | None = None
    user_id: int | None = None

    @property
    def everybody(self) -> bool:
        """Whether nothing is left out."""
        return self.campaign_id is None and self.teams is None and self.user_id is None


def known(session: Session) -> dict[str, int]:
    """How far the rows go that a version can be compared with later."""
    newest = select(func.coalesce(func.max(Payment.id), 0))
    return {**rows.newest_ids(session), "payments": session.scalar(newest) or 0}


def since(
    session: Session, version: MonthVersion, first: date, last: date, whose: Whose
) -> dict[str, int]:
    """By kind, what came after a version of the month `first` to `last`. Payments belong to no
    team and no operator: they are counted for those who see all."""
    start, end = instant_of(first, 0), instant_of(last + timedelta(days=1), 0)
    corrected = _corrected(version, start, end, whose)
    found = {
        "results": _number(session, select(func.count()).select_from(corrected.subquery())),
        "marks": _number(
            session,
            select(func.count()).where(
                StatusMark.id > version.known["marks"],
                StatusMark.call_id.in_(corrected.with_only_columns(Result.call_id)),
            ),
        ),
        "promises": _number(session, _promises(version, start, end, whose)),
    }
    if whose.campaign_id is None:
        found["paid_time"] = _number(session, _paid_time(version, first, last, whose))
    if whose.user_id is None:
        found["definitions"] = _number(session, _definitions(version, last, whose))
    if whose.everybody:
        found["payments"] = _number(session, _payments(version, first, last))
    return found


def _number(session: Session, query: Select[Any]) -> int:
    return session.scalar(query) or 0


def _corrected(version: MonthVersion, start: datetime, end: datetime, whose: Whose) -> Select[Any]:
    held: list[ColumnElement[bool]] = [
        Result.version > FIRST,
        Result.at >= start,
        Result.id > version.known["results"],
        Attempt.leased_at >= start,
        Attempt.leased_at < end,
        *of_campaigns(Result.campaign_id, teams=whose.teams, campaign_id=whose.campaign_id),
    ]
    query = select(Result.id).join(Attempt, Attempt.id == Result.call_id)
    if whose.user_id is not None:
        query = query.join(Call, Call.id == Result.call_id)
        held.append(Call.seat_user_id == whose.user_id)
    return query.where(*held)


def _promises(version: MonthVersion, start: datetime, end: datetime, whose: Whose) -> Select[Any]:
    """Those taken in the month that were withdrawn or replaced since."""
    query = (
        select(func.count())
        .select_from(Promise)
        .join(Call, Call.id == Promise.call_id)
        .where(
            Promise.ended_at > version.as_of,
            Promise.state.in_(PAST),
            Promise.made_at >= start,
            Promise.made_at < end,
            *of_campaigns(Call.campaign_id, teams=whose.teams, campaign_id=whose.campaign_id),
        )
    )
    return query if whose.user_id is None else query.where(Promise.user_id == whose.user_id)


def _paid_time(version: MonthVersion, first: date, last: date, whose: Whose) -> Select[Any]:
    query = (
        select(func.count())
        .select_from(TimeCorrection)
        .join(CorrectionDecision, CorrectionDecision.correction_id == TimeCorrection.id)
        .where(
            CorrectionDecision.approved,
            CorrectionDecision.at > version.as_of,
            TimeCorrection.day >= first,
            TimeCorrection.day <= last,
        )
    )
    if whose.user_id is not None:
        query = query.where(TimeCorrection.user_id == whose.user_id)
    if whose.teams is not None:
        theirs = select(User.id).where(User.team_id.in_(list(whose.teams)))
        query = query.where(TimeCorrection.user_id.in_(theirs))
    return query


def _definitions(version: MonthVersion, last: date, whose: Whose) -> Select[Any]:
    return (
        select(func.count())
        .select_from(ValidCall)
        .where(
            ValidCall.at > version.as_of,
            or_(ValidCall.since.is_(None), ValidCall.since <= last),
            *of_campaigns(ValidCall.campaign_id, teams=whose.teams, campaign_id=whose.campaign_id),
        )
    )


def _payments(version: MonthVersion, first: date, last: date) -> Select[Any]:
    late = Payment.id > version.known["payments"]
    return select(func.count()).where(
        or_(late, Payment.reversed_at > version.as_of),
        Payment.paid_on >= first,
        Payment.paid_on <= last,
    )
