"""How the dialer did: how attempts ended and by whose doing, abandonment, and bridge delays.

Abandonment is counted twice, for two questions. The rows say it of the attempts of the period. The
windows say it as rule R20 judges a campaign: 24 hours and 30 days, up to the end of the period, by
the instant each live answer ended, as the pacer counts it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import get_args

from agent_desk.dialer.business_time import at
from agent_desk.services.reports.percentiles import p50_p95_max
from agent_desk.store.reports import dialing
from agent_desk.store.reports.dialing import (
    Axis,
    CauseCount,
    DialingCount,
    Key,
    OutcomeCount,
    Period,
    Window,
)
from agent_desk.store.unit_of_work import Session

AXES: tuple[Axis, ...] = get_args(Axis)
EPOCH = date(1970, 1, 1)
NOTHING = DialingCount(0, 0, 0, 0, 0)
Three = tuple[float, float, float] | None  # seconds: p50, p95 and the longest; None of nobody


@dataclass(frozen=True)
class DialingRow:
    """One line: its key in the order of the axes, its counts, and how long customers waited."""

    key: Key
    counts: DialingCount
    since_answer: Three
    since_greeting: Three


@dataclass(frozen=True)
class OutcomeRow:
    """One outcome, by whose doing it came about."""

    outcome: str
    by_blame: Mapping[str, int]

    @property
    def count(self) -> int:
        """All of them."""
        return sum(self.by_blame.values())


@dataclass(frozen=True)
class DialerFigures:
    """The report. `blames` are those that occur, `until` is where the windows of R20 end."""

    axes: tuple[Axis, ...]
    rows: tuple[DialingRow, ...]
    total: DialingRow
    outcomes: tuple[OutcomeRow, ...]
    blames: tuple[str, ...]
    causes: tuple[CauseCount, ...]
    windows: tuple[Window, ...]
    until: datetime


@dataclass
class _Waits:
    """Seconds customers waited, of one key."""

    answer: list[float] = field(default_factory=list)
    greeting: list[float] = field(default_factory=list)


def figures(
    session: Session,
    first: date,
    last: date,
    *,
    now: datetime,
    teams: Collection[int] | None,
    axes: Sequence[Axis] = ("day",),
    campaign_id: int | None = None,
) -> DialerFigures:
    """Of the Japanese days `first` to `last`, both included, by one axis or two."""
    start, end = at(first, 0), at(last + timedelta(days=1), 0)
    period = Period(start, end, teams, campaign_id)
    counts = dialing.counts(session, period, axes)
    waits: dict[Key, _Waits] = defaultdict(_Waits)
    for key, delay in dialing.delays(session, period, axes):
        for of in (waits[key], waits[()]):
            of.answer.append(delay.since_answer / 1e6)
            of.greeting.append(delay.since_greeting / 1e6)
    found = dialing.outcomes(session, period)
    until = min(end, now)
    return DialerFigures(
        axes=tuple(axes),
        rows=tuple(_row(key, counts[key], waits[key], axes) for key in sorted(counts)),
        total=_row((), _all(counts.values()), waits[()], ()),
        outcomes=_by_outcome(found),
        blames=tuple(sorted({each.blame for each in found})),
        causes=tuple(dialing.causes(session, period)),
        windows=tuple(dialing.windows(session, until, teams=teams, campaign_id=campaign_id)),
        until=until,
    )


def _row(key: Key, counts: DialingCount, waits: _Waits, axes: Sequence[Axis]) -> DialingRow:
    said = tuple(
        EPOCH + timedelta(days=int(part)) if axis == "day" else part
        for axis, part in zip(axes, key, strict=True)
    )
    return DialingRow(said, counts, p50_p95_max(waits.answer), p50_p95_max(waits.greeting))


def _all(counts: Collection[DialingCount]) -> DialingCount:
    names = vars(NOTHING)
    return DialingCount(**{name: sum(getattr(each, name) for each in counts) for name in names})


def _by_outcome(found: Sequence[OutcomeCount]) -> tuple[OutcomeRow, ...]:
    """Commonest first."""
    grouped: dict[str, dict[str, int]] = defaultdict(dict)
    for each in found:
        grouped[each.outcome][each.blame] = each.count
    rows = [OutcomeRow(outcome, by_blame) for outcome, by_blame in grouped.items()]
    return tuple(sorted(rows, key=lambda row: (-row.count, row.outcome)))
