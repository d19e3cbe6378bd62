"""What became of our attempts, out of the facts; `store/reports/dialing.py` says the same of rows.

A month of a large house is a million attempts. Whole numbers of milliseconds stand for the
microseconds of the rows, and an attempt that lives is not there yet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from agent_desk.models.campaigns import Campaign
from agent_desk.store.facts import months
from agent_desk.store.facts.figures import scope_of
from agent_desk.store.facts.groups import grouped, summed
from agent_desk.store.facts.layout import CALLS
from agent_desk.store.facts.reading import Facts
from agent_desk.store.facts.segments import Column
from agent_desk.store.reports.dialing import (
    Axis,
    CauseCount,
    DialingCount,
    Key,
    OutcomeCount,
    Period,
)

COLUMNS = (
    *("campaign", "trunk", "gateway", "leased", "inbound", "placed", "ring_ms", "live_answer"),
    *("bridged", "abandoned", "bridge_ms", "greeting_ms", "outcome", "blame", "sip_code", "q850"),
)
Names = Callable[[int], Any]


@dataclass(frozen=True)
class Waits:
    """Milliseconds each customer waited: since the answer, and since the end of the greeting."""

    answer: Sequence[int]
    greeting: Sequence[int]


@dataclass(frozen=True)
class Dialing:
    """`counts` and `waits` by the axes in no order, the key () is everybody."""

    counts: Mapping[Key, DialingCount]
    waits: Mapping[Key, Waits]
    outcomes: Sequence[OutcomeCount]
    causes: Sequence[CauseCount]


def dialing(facts: Facts, session: Session, period: Period, axes: Sequence[Axis]) -> Dialing:
    """Everything of a period, in one reading of its columns."""
    scope = scope_of(session, period.campaign_id, period.teams)
    read = facts.columns(CALLS, period.start, period.end, COLUMNS, by="leased")
    ours = ~read["inbound"] & scope.campaigns_in(read["campaign"])
    read = {name: column[ours] for name, column in read.items()}
    placed = {name: column[read["placed"]] for name, column in read.items()}
    codes = [_CODES[axis](placed) for axis in axes]
    named = [_named(axis, facts, session) for axis in axes]
    return Dialing(
        _counts(placed, codes, named),
        _waits(placed, codes, named),
        _outcomes(read, facts),
        _causes(read, facts),
    )


def _counts(
    read: Mapping[str, Column], codes: Sequence[Column], named: Sequence[Names]
) -> dict[Key, DialingCount]:
    rows = len(read["leased"])
    keys, inverse = grouped(codes, rows)
    live = read["live_answer"]
    weights = (
        np.ones(rows, bool),
        read["ring_ms"] >= 0,
        live,
        read["bridged"] >= 0,
        live & read["abandoned"],
    )
    columns = [summed(inverse, weight, len(keys)).tolist() for weight in weights]
    return {
        _key(key, named): DialingCount(*counts)
        for key, counts in zip(keys, zip(*columns, strict=True), strict=True)
    }


def _waits(
    read: Mapping[str, Column], codes: Sequence[Column], named: Sequence[Names]
) -> dict[Key, Waits]:
    heard = (read["bridged"] >= 0) & (read["ring_ms"] >= 0)
    # Rows of one call may come with clocks of two processes: nobody waited less than nothing.
    answer = np.maximum(read["bridge_ms"][heard], 0)
    greeting = np.maximum(read["greeting_ms"][heard], 0)
    keys, inverse = grouped([each[heard] for each in codes], len(answer))
    order = np.argsort(inverse, kind="stable")
    borders = np.searchsorted(inverse[order], np.arange(len(keys) + 1))
    found: dict[Key, Waits] = {(): Waits(answer.tolist(), greeting.tolist())}
    for key, first, last in zip(keys, borders, borders[1:], strict=False):
        theirs = order[first:last]
        found[_key(key, named)] = Waits(answer[theirs].tolist(), greeting[theirs].tolist())
    return found


def _outcomes(read: Mapping[str, Column], facts: Facts) -> list[OutcomeCount]:
    """Commonest first."""
    outcomes, blames = facts.words("outcome"), facts.words("blame")
    found = [
        OutcomeCount(outcomes[outcome], blames[blame], count)
        for (outcome, blame), count in _counted(read["outcome"], read["blame"])
    ]
    return sorted(found, key=lambda each: (-each.count, each.outcome, each.blame))


def _causes(read: Mapping[str, Column], facts: Facts) -> list[CauseCount]:
    """What the network said of attempts that left, commonest first; none before any code, as the
    rows' order has it."""
    said = (read["sip_code"] >= 0) | (read["q850"] >= 0)
    outcomes = facts.words("outcome")
    columns = [read[name][said] for name in ("outcome", "sip_code", "q850")]
    found = [
        CauseCount(outcomes[outcome], _code(sip), _code(cause), count)
        for (outcome, sip, cause), count in _counted(*columns)
    ]
    return sorted(found, key=_common)


def _common(each: CauseCount) -> tuple[Any, ...]:
    sip = -1 if each.sip_code is None else each.sip_code
    return -each.count, each.outcome, sip, -1 if each.q850 is None else each.q850


def _counted(*columns: Column) -> list[tuple[tuple[int, ...], int]]:
    """How many rows have each combination."""
    rows = len(columns[0])
    keys, inverse = grouped([each.astype(np.int64) for each in columns], rows)
    return list(zip(keys, np.bincount(inverse, minlength=len(keys)).tolist(), strict=True))


def _code(value: int) -> int | None:
    return None if value < 0 else value


def _key(codes: Sequence[int], named: Sequence[Names]) -> Key:
    return tuple(name(code) for name, code in zip(named, codes, strict=True))


def _named(axis: Axis, facts: Facts, session: Session) -> Names:
    """What a code of the axis is in a key."""
    if axis == "campaign":
        query = select(Campaign.id, Campaign.name)
        return {key: name for key, name in session.execute(query)}.__getitem__
    if axis in ("trunk", "gateway"):
        return facts.words(axis).__getitem__
    return int


_CODES: Mapping[Axis, Callable[[Mapping[str, Column]], Column]] = {
    "day": lambda read: months.day_numbers(read["leased"]),
    "hour": lambda read: months.hours(read["leased"]),
    "campaign": lambda read: read["campaign"].astype(np.int64),
    "trunk": lambda read: read["trunk"].astype(np.int64),
    "gateway": lambda read: read["gateway"].astype(np.int64),
}
