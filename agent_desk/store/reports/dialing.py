"""What became of our attempts: outcomes, the network's causes, and how long a customer waited.

Attempts belong to the instant they were leased. Calls that came in and practice are not of these
figures. An attempt that lives has no outcome yet: it is counted as placed and as nothing else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import BigInteger, ColumnElement, and_, case, func, select, type_coerce
from sqlalchemy.orm import Session

from agent_desk.dialer.outcomes import PERSON
from agent_desk.models.calls import Attempt, AttemptOutcome, Call
from agent_desk.models.campaigns import Campaign
from agent_desk.store.campaigns import answer_counts
from agent_desk.store.reports.scope import of_campaigns

Axis = Literal["day", "hour", "campaign", "trunk", "gateway"]
Key = tuple[Any, ...]  # of the axes asked for, in their order

WINDOWS = (timedelta(hours=24), timedelta(days=30))  # of R20

_HOUR_US = 3_600_000_000
_DAY_US = 24 * _HOUR_US
_JST_US = 9 * _HOUR_US


@dataclass(frozen=True)
class Period:
    """Which attempts: leased in [start, end), of these teams' campaigns (None: of all), of one
    campaign where one is asked for."""

    start: datetime
    end: datetime
    teams: Collection[int] | None = None
    campaign_id: int | None = None

    def within(self, *, ours: bool = True) -> list[ColumnElement[bool]]:
        """The condition on attempts; `ours`: not the calls that came in."""
        found = [
            Attempt.leased_at >= self.start,
            Attempt.leased_at < self.end,
            *of_campaigns(Attempt.campaign_id, teams=self.teams, campaign_id=self.campaign_id),
        ]
        return [*found, Attempt.inbound.is_(False)] if ours else found

    def answered(self) -> list[ColumnElement[bool]]:
        """The condition on calls of such attempts that somebody answered, for their index; those
        that came in too."""
        return [
            Call.answered_at.is_not(None),
            Call.leased_at >= self.start,
            Call.leased_at < self.end,
            *of_campaigns(Call.campaign_id, teams=self.teams, campaign_id=self.campaign_id),
        ]


@dataclass(frozen=True)
class DialingCount:
    """How far the attempts of one key got. `live`: persons answered, the denominator of R20."""

    attempts: int
    answered: int
    live: int
    bridged: int
    abandoned: int

    @property
    def abandoned_share(self) -> float | None:
        """Abandoned ÷ live answers; None while there are none."""
        return self.abandoned / self.live if self.live else None

    @property
    def answered_share(self) -> float | None:
        """Answered ÷ attempts."""
        return self.answered / self.attempts if self.attempts else None


@dataclass(frozen=True)
class Window:
    """A campaign's live answers and abandoned ones over the two windows of R20; `target` as it is
    set now, a share."""

    campaign: str
    target: float
    live_24h: int
    abandoned_24h: int
    live_30d: int
    abandoned_30d: int

    @property
    def over_limit(self) -> bool:
        """Whether either window is above 3.0 %: 3 of 100 are within it."""
        return (
            100 * self.abandoned_24h > 3 * self.live_24h
            or 100 * self.abandoned_30d > 3 * self.live_30d
        )


@dataclass(frozen=True)
class OutcomeCount:
    """Attempts that ended so."""

    outcome: str
    blame: str
    count: int


@dataclass(frozen=True)
class CauseCount:
    """Attempts the network ended with these codes; None where it gave none."""

    outcome: str
    sip_code: int | None
    q850: int | None
    count: int


@dataclass(frozen=True)
class Delay:
    """Microseconds one customer waited for an operator: since the 200 OK, and since the end of the
    greeting as rule R20 counts (`dialer/abandonment.py`)."""

    since_answer: int
    since_greeting: int


def counts(session: Session, period: Period, axes: Sequence[Axis]) -> dict[Key, DialingCount]:
    """By the axes, in no order."""
    keys = [_AXES[axis] for axis in axes]
    query = (
        select(
            *keys,
            func.count(),
            func.count(Call.answered_at),
            _number(AttemptOutcome.live_answer),
            func.count(Call.bridged_at),
            _number(and_(AttemptOutcome.live_answer, AttemptOutcome.abandoned)),
        )
        .select_from(Attempt)
        .join(Campaign, Campaign.id == Attempt.campaign_id)
        .join(Call, Call.id == Attempt.id)
        .outerjoin(AttemptOutcome, AttemptOutcome.attempt_id == Attempt.id)
        .where(*period.within(), Attempt.placed_at.is_not(None))
        .group_by(*keys)
    )
    width = len(keys)
    return {
        tuple(row[:width]): DialingCount(*(int(each or 0) for each in row[width:]))
        for row in session.execute(query)
    }


def outcomes(session: Session, period: Period) -> list[OutcomeCount]:
    """Every attempt that ended, those never placed too, commonest first."""
    query = (
        select(AttemptOutcome.outcome, AttemptOutcome.blame, func.count())
        .join(Attempt, Attempt.id == AttemptOutcome.attempt_id)
        .where(*period.within())
        .group_by(AttemptOutcome.outcome, AttemptOutcome.blame)
        .order_by(func.count().desc(), AttemptOutcome.outcome, AttemptOutcome.blame)
    )
    return [OutcomeCount(*row) for row in session.execute(query)]


def causes(session: Session, period: Period) -> list[CauseCount]:
    """What the network said of attempts that left, commonest first."""
    codes = (AttemptOutcome.outcome, AttemptOutcome.sip_code, AttemptOutcome.q850)
    said = AttemptOutcome.sip_code.is_not(None) | AttemptOutcome.q850.is_not(None)
    query = (
        select(*codes, func.count())
        .join(Attempt, Attempt.id == AttemptOutcome.attempt_id)
        .where(*period.within(), said)
        .group_by(*codes)
        # The databases do not agree on where nothing stands.
        .order_by(
            func.count().desc(),
            AttemptOutcome.outcome,
            *(func.coalesce(each, -1) for each in codes[1:]),
        )
    )
    return [CauseCount(*row) for row in session.execute(query)]


def delays(session: Session, period: Period, axes: Sequence[Axis]) -> Iterator[tuple[Key, Delay]]:
    """Of every call an operator heard, with its key."""
    keys = [_AXES[axis] for axis in axes]
    began = func.coalesce(
        Call.greeting_end_at,
        case((Call.verdict.in_(sorted(PERSON)), Call.offered_at)),
        Call.answered_at,
    )
    bridged = _us(Call.bridged_at)
    query = (
        select(*keys, bridged - _us(Call.answered_at), bridged - _us(began))
        .select_from(Attempt)
        .join(Campaign, Campaign.id == Attempt.campaign_id)
        .join(Call, Call.id == Attempt.id)
        .where(
            *period.within(),
            Attempt.placed_at.is_not(None),
            Call.bridged_at.is_not(None),
            Call.answered_at.is_not(None),
        )
    )
    width = len(keys)
    for row in session.execute(query):
        # Rows of one call may come with clocks of two processes: nobody waited less than nothing.
        yield tuple(row[:width]), Delay(*(max(0, int(each)) for each in row[width:]))


def windows(
    session: Session,
    until: datetime,
    *,
    teams: Collection[int] | None,
    campaign_id: int | None,
) -> list[Window]:
    """Of the campaigns that had a live answer in the 30 days, in order of name."""
    query = select(Campaign.id, Campaign.name, Campaign.abandon_target).where(
        *of_campaigns(Campaign.id, teams=teams, campaign_id=campaign_id)
    )
    found = []
    for each, name, target in session.execute(query.order_by(Campaign.name)).all():
        sums = [_answers(session, each, until - span, until) for span in WINDOWS]
        if sums[-1][0]:
            found.append(Window(name, target, *sums[0], *sums[1]))
    return found


def _answers(
    session: Session, campaign_id: int, after: datetime, until: datetime
) -> tuple[int, int]:
    counted = answer_counts.per_hour(session, [campaign_id], after=after, until=until).values()
    return sum(live for live, _ in counted), sum(abandoned for _, abandoned in counted)


def _us(instant: Any) -> Any:
    return type_coerce(instant, BigInteger)


def _number(condition: Any) -> Any:
    return func.sum(case((condition, 1), else_=0))


_LOCAL: Any = _us(Attempt.leased_at) + _JST_US
_AXES: Mapping[Axis, Any] = {
    "day": _LOCAL // _DAY_US,  # days since 1970 in Japan
    "hour": _LOCAL % _DAY_US // _HOUR_US,
    "campaign": Campaign.name,
    "trunk": Attempt.trunk_id,
    "gateway": Attempt.gateway_id,
}
