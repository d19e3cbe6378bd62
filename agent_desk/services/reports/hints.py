"""What to look at next, by rules, each with the figures it rests on (改善のヒント, A51).

Pure. A rule says nothing where there are too few cases, or where chance explains what is seen:
a hint people follow in vain is worse than none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from agent_desk.services.reports.call_metrics import FEW, wilson
from agent_desk.services.reports.funnels import FunnelStep
from agent_desk.services.reports.making import SECONDS, SHARE

WORST_STEP, BEST_HOUR, SLOW_WRAP_UP, POOR_LIST, NEAR_BOUND, OVER_BOUND = (
    "worst_step",
    "best_hour",
    "slow_wrap_up",
    "poor_list",
    "near_bound",
    "over_bound",
)
# A wrap-up half as long again as the middle one, by at least so many seconds.
SLOW, SLOW_S = 1.5, 10.0
LEAST_PEOPLE = 3  # of fewer there is no middle
NEAR = 0.8  # of the bound
MOST_OF_A_KIND = 3


@dataclass(frozen=True)
class Hint:
    """`value` is what was seen of `about`, of `n` cases, and `compared` what it is held against."""

    code: str
    about: str
    value: float
    compared: float
    n: int
    unit: str


@dataclass(frozen=True)
class Counted:
    """So many of so many, under a name; `key` is the place it has among others."""

    name: str
    hits: int
    cases: int

    @property
    def share(self) -> float:
        """Of those there are."""
        return self.hits / self.cases

    @property
    def interval(self) -> tuple[float, float]:
        """Where the share lies with 95 %."""
        return wilson(self.hits, self.cases)


@dataclass(frozen=True)
class WrapUps:
    """One operator's."""

    name: str
    average_s: float
    number: int


@dataclass(frozen=True)
class Abandoned:
    """A campaign's window of R20; `bound` is what it is not to go above."""

    name: str
    abandoned: int
    live: int
    bound: float


def worst_step(funnel: Sequence[FunnelStep], name: str = "") -> list[Hint]:
    """Where the largest part is lost, held against the middle one of the other steps."""
    found = next((place for place, step in enumerate(funnel) if step.worst), None)
    if not found:
        return []
    step, before = funnel[found], funnel[found - 1].count
    others = [each.rate_prev for each in funnel if each.rate_prev is not None and each is not step]
    if before < FEW or step.rate_prev is None or not others:
        return []
    return [Hint(WORST_STEP, name or step.label, step.rate_prev, median(others), before, SHARE)]


def best_hour(hours: Sequence[Counted]) -> list[Hint]:
    """The hour whose share is surely above that of all, the surest one."""
    enough = [each for each in hours if each.cases >= FEW]
    cases = sum(each.cases for each in hours)
    if not enough or not cases:
        return []
    overall = sum(each.hits for each in hours) / cases
    best = max(enough, key=lambda each: each.interval[0])
    if best.interval[0] <= overall:
        return []
    return [Hint(BEST_HOUR, best.name, best.share, overall, best.cases, SHARE)]


def slow_wrap_ups(people: Sequence[WrapUps]) -> list[Hint]:
    """Who takes much longer than the middle one of all with enough of them."""
    enough = [each for each in people if each.number >= FEW]
    if len(enough) < LEAST_PEOPLE:
        return []
    middle = median(each.average_s for each in enough)
    slow = [
        each
        for each in enough
        if each.average_s > SLOW * middle and each.average_s - middle >= SLOW_S
    ]
    slow.sort(key=lambda each: -each.average_s)
    return [
        Hint(SLOW_WRAP_UP, each.name, each.average_s, middle, each.number, SECONDS)
        for each in slow[:MOST_OF_A_KIND]
    ]


def poor_lists(lists: Sequence[Counted]) -> list[Hint]:
    """Lists whose share is surely below that of all together, the lowest first."""
    cases = sum(each.cases for each in lists)
    if not cases:
        return []
    overall = sum(each.hits for each in lists) / cases
    poor = [each for each in lists if each.cases >= FEW and each.interval[1] < overall]
    poor.sort(key=lambda each: each.interval[1])
    return [
        Hint(POOR_LIST, each.name, each.share, overall, each.cases, SHARE)
        for each in poor[:MOST_OF_A_KIND]
    ]


def near_bounds(campaigns: Sequence[Abandoned]) -> list[Hint]:
    """Campaigns that abandon nearly as much as they may, or more."""
    found = []
    for each in campaigns:
        if each.live < FEW or each.bound <= 0:
            continue
        share = each.abandoned / each.live
        if share >= NEAR * each.bound:
            code = OVER_BOUND if share > each.bound else NEAR_BOUND
            found.append(Hint(code, each.name, share, each.bound, each.live, SHARE))
    return sorted(found, key=lambda each: -(each.value / each.compared))
