"""How far two listeners who heard the same call agree (一致度).

The share of equal answers is easily read and too kind: who always ticks 「できている」 agrees with
everybody who does. Cohen's kappa takes away what two people with these habits would agree on by
chance (Cohen 1960): 1 is full agreement, 0 no more than chance, below 0 less.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

Pair = tuple[str, str]


@dataclass(frozen=True)
class Agreement:
    """Of so many pairs of answers. A figure is None where `undefined` says why: `no-pairs`, or
    (kappa alone) `one-answer`: both always gave the same one, so that chance explains it all."""

    pairs: int
    equal: float | None
    kappa: float | None
    undefined: str | None = None


def agreement(counts: Mapping[Pair, int]) -> Agreement:
    """Of how often the first listener answered this and the second that."""
    pairs = sum(counts.values())
    if not pairs:
        return Agreement(0, None, None, "no-pairs")
    equal = Fraction(sum(n for (first, second), n in counts.items() if first == second), pairs)
    firsts, seconds = _habits(counts)
    chance = sum(
        (Fraction(firsts[answer] * seconds[answer], pairs * pairs) for answer in firsts),
        Fraction(0),
    )
    if chance == 1:
        return Agreement(pairs, float(equal), None, "one-answer")
    return Agreement(pairs, float(equal), float((equal - chance) / (1 - chance)))


def together(tables: Iterable[Mapping[Pair, int]]) -> Agreement:
    """Of several criteria as if they were one: every pair of answers counts alike."""
    whole: Counter[Pair] = Counter()
    for table in tables:
        whole.update(table)
    return agreement(whole)


def _habits(counts: Mapping[Pair, int]) -> tuple[Counter[str], Counter[str]]:
    firsts: Counter[str] = Counter()
    seconds: Counter[str] = Counter()
    for (first, second), n in counts.items():
        firsts[first] += n
        seconds[second] += n
    return firsts, seconds
