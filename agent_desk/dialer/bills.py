"""A month's bill under one tariff, from the calls of the month and how many worked.

Calls are added up to the sen and cut down to whole yen once, at the end, as carriers do. The fees
are those of the terms in force on the first day of the month that has any; a call's price is that
of the terms in force on its own day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from agent_desk.dialer.charges import BASES, LINES, SEN, Terms, Version, charge_sen, version_on


@dataclass(frozen=True)
class Talks:
    """Answered calls of one day that are alike: same kind of line, same begun seconds."""

    day: date
    line: str
    seconds: int
    calls: int


@dataclass(frozen=True)
class Heads:
    """How many worked in the month, by each way of counting: see `charges.BASES`."""

    terminal: int
    booth: int
    id: int

    def by(self, basis: str) -> int:
        """The number counted this way."""
        return {"terminal": self.terminal, "booth": self.booth, "id": self.id}[basis]


@dataclass(frozen=True)
class LineSum:
    """All calls to one kind of line. `sen` is exact."""

    calls: int = 0
    seconds: int = 0
    sen: int = 0


@dataclass(frozen=True)
class Bill:
    """Amounts in yen; `lines` by kind of line. `by_basis`: the fee per head counted each way."""

    basic_yen: int
    heads: int
    seat_yen: int
    billed_by: str
    lines: Mapping[str, LineSum]
    by_basis: Mapping[str, int] = field(default_factory=dict)

    @property
    def seats_yen(self) -> int:
        """The fee per head, for all of them."""
        return self.heads * self.seat_yen

    @property
    def calls_yen(self) -> int:
        """What the calls cost; what is left below a yen is not charged."""
        return sum(each.sen for each in self.lines.values()) // SEN

    @property
    def total_yen(self) -> int:
        """The whole bill."""
        return self.basic_yen + self.seats_yen + self.calls_yen


def bill(
    versions: Sequence[Version], days: Sequence[date], heads: Heads, talks: Iterable[Talks]
) -> Bill | None:
    """The bill of a month (`days`: all of its days); None when no version was in force in it.

    Talks of days before the first version cost nothing: there was no tariff for them.
    """
    terms = _fees(versions, days)
    if terms is None:
        return None
    in_force = {day: version_on(versions, day) for day in days}
    sums = {line: LineSum() for line in LINES}
    for talk in talks:
        version = in_force[talk.day]
        if version is None:
            continue
        before = sums[talk.line]
        price = charge_sen(version.terms, talk.line, talk.seconds)
        sums[talk.line] = LineSum(
            calls=before.calls + talk.calls,
            seconds=before.seconds + talk.calls * talk.seconds,
            sen=before.sen + talk.calls * price,
        )
    return Bill(
        basic_yen=terms.basic_yen,
        heads=heads.by(terms.billed_by),
        seat_yen=terms.seat_yen,
        billed_by=terms.billed_by,
        lines=sums,
        by_basis={basis: heads.by(basis) * terms.seat_yen for basis in BASES},
    )


def _fees(versions: Sequence[Version], days: Sequence[date]) -> Terms | None:
    for day in days:
        version = version_on(versions, day)
        if version is not None:
            return version.terms
    return None
