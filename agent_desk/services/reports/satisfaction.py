"""Customer satisfaction: means with their intervals, shares and spread, made of counted scores.

Pure. The interval of a mean is Student's, 95 %, held within 1 to 5: with three answers it spans
nearly the whole scale, and that is what three answers tell.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from agent_desk.store.satisfaction.figures import ScoreCount

SCALE = (1, 2, 3, 4, 5)
HIGH = 4  # from here a customer is satisfied
# 97.5 % quantiles of Student's t for 1 to 30 degrees of freedom; the normal one beyond.
_T = (
    *(12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228),
    *(2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086),
    *(2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042),
)
_NORMAL = 1.960


@dataclass
class Scores:
    """What questions came to. `skipped` and `failed` were asked of nobody."""

    states: Counter[str] = field(default_factory=Counter)
    spread: Counter[int] = field(default_factory=Counter)

    def add(self, count: ScoreCount) -> None:
        """Take one count in."""
        self.states[count.state] += count.count
        if count.score is not None:
            self.spread[count.score] += count.count

    @property
    def asked(self) -> int:
        """Customers who heard the question."""
        return self.states.total() - self.skipped - self.states["failed"]

    @property
    def skipped(self) -> int:
        """Customers who were drawn, and whose operator ended the call without asking."""
        return self.states["skipped"]

    @property
    def answered(self) -> int:
        """Scores given."""
        return self.spread.total()

    @property
    def answer_share(self) -> float | None:
        """Answered ÷ asked."""
        return self.answered / self.asked if self.asked else None

    @property
    def mean(self) -> float | None:
        """Sum of scores ÷ answered."""
        total = sum(score * count for score, count in self.spread.items())
        return total / self.answered if self.answered else None

    @property
    def high_share(self) -> float | None:
        """Scores of 4 or 5 ÷ answered."""
        high = sum(count for score, count in self.spread.items() if score >= HIGH)
        return high / self.answered if self.answered else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Where the mean of all such customers lies, 95 %; None for fewer than two answers."""
        mean, n = self.mean, self.answered
        if mean is None or n < 2:
            return None
        squares = sum(count * (score - mean) ** 2 for score, count in self.spread.items())
        t = _T[n - 2] if n - 1 <= len(_T) else _NORMAL
        half = t * math.sqrt(squares / (n - 1) / n)
        return max(1.0, mean - half), min(5.0, mean + half)


def by(counts: Iterable[ScoreCount], key: Callable[[ScoreCount], str]) -> list[tuple[str, Scores]]:
    """Scores of each key, in order."""
    found: dict[str, Scores] = {}
    for count in counts:
        found.setdefault(key(count), Scores()).add(count)
    return sorted(found.items())


def whole(counts: Iterable[ScoreCount]) -> Scores:
    """All of them together."""
    found = Scores()
    for count in counts:
        found.add(count)
    return found


@dataclass(frozen=True)
class Step:
    """A day or a week of the period, and the one as far into the period before."""

    first: date
    last: date
    now: Scores
    before: Scores


def trend(
    counts: Sequence[ScoreCount],
    earlier: Sequence[ScoreCount],
    *,
    first: date,
    last: date,
    days: int,
) -> list[Step]:
    """The period in steps of so many days; `earlier` is of the equally long period before."""
    length = (last - first).days + 1
    steps = []
    for start in range(0, length, days):
        end = min(start + days, length) - 1
        begins, ends = first + timedelta(days=start), first + timedelta(days=end)
        shift = timedelta(days=length)
        steps.append(
            Step(
                begins,
                ends,
                whole(each for each in counts if begins <= each.day <= ends),
                whole(each for each in earlier if begins <= each.day + shift <= ends),
            )
        )
    return steps
