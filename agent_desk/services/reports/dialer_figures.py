"""How the dialer did: how attempts ended and by whose doing, abandonment, and bridge delays.

Abandonment is counted twice, for two questions. The rows say it of the attempts of the period. The
windows say it as rule R20 judges a campaign: 24 hours and 30 days, up to the end of the period, by
the instant each live answer ended, as the pacer counts it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import get_args

from agent_desk.dialer.business_time import at
from agent_desk.services.reports.percentiles import p50_p95_max
from agent_desk.store.facts import dialing as facts_dialing
from agent_desk.store.facts.dialing import Dialing, Waits
from agent_desk.store.facts.reading import Facts
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
NOBODY = Waits((), ())
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


def figures(
    session: Session,
    first: date,
    last: date,
    *,
    now: datetime,
    teams: Collection[int] | None,
    axes: Sequence[Axis] = ("day",),
    campaign_id: int | None = None,
    facts: Facts | None = None,
) -> DialerFigures:
    """Of the Japanese days `first` to `last`, both included, by one axis or two; out of `facts`,
    where there are some."""
    start, end = at(first, 0), at(last + timedelta(days=1), 0)
    period = Period(start, end, teams, campaign_id)
    found = (
        _of_rows(session, period, axes)
        if facts is None
        else facts_dialing.dialing(facts, session, period, axes)
    )
    until = min(end, now)
    return DialerFigures(
        axes=tuple(axes),
        rows=tuple(
            _row(key, found.counts[key], found.waits.get(key, NOBODY), axes)
            for key in sorted(found.counts)
        ),
        total=_row((), _all(found.counts.values()), found.waits.get((), NOBODY), ()),
        outcomes=_by_outcome(found.outcomes),
        blames=tuple(sorted({each.blame for each in found.outcomes})),
        causes=tuple(found.causes),
        windows=tuple(dialing.windows(session, until, teams=teams, campaign_id=campaign_id)),
        until=until,
    )


def _of_rows(session: Session, period: Period, axes: Sequence[Axis]) -> Dialing:
    """The same counted by the database."""
    waits: dict[Key, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for key, delay in dialing.delays(session, period, axes):
        for answer, greeting in (waits[key], waits[()]):
            answer.append(delay.since_answer // 1000)
            greeting.append(delay.since_greeting // 1000)
    return Dialing(
        dialing.counts(session, period, axes),
        {key: Waits(*both) for key, both in waits.items()},
        dialing.outcomes(session, period),
        dialing.causes(session, period),
    )


def _row(key: Key, counts: DialingCount, waits: Waits, axes: Sequence[Axis]) -> DialingRow:
    said = tuple(
        EPOCH + timedelta(days=int(part)) if axis == "day" else part
        for axis, part in zip(axes, key, strict=True)
    )
    return DialingRow(said, counts, _seconds(waits.answer), _seconds(waits.greeting))


def _seconds(milliseconds: Sequence[int]) -> Three:
    found = p50_p95_max(milliseconds)
    return None if found is None else (found[0] / 1000, found[1] / 1000, found[2] / 1000)


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
