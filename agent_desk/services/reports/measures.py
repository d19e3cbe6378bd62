"""The figures two periods are compared by: each with its unit and how many cases it rests on (A12).

Pure. What a measure is called and by which formula it is made stands in the catalogue, under
`money.measure.<code>` and `money.formula.<code>`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from agent_desk.services.reports.comparison import Compared, Figure
from agent_desk.services.reports.costs import Costs, per_unit
from agent_desk.services.reports.money import CONTACT, Measured
from agent_desk.services.reports.recovery import ratio

RATE, COUNT, YEN, DAYS, SECONDS, HOURS, EACH, SCORE = (
    "rate",
    "count",
    "yen",
    "days",
    "seconds",
    "hours",
    "each",
    "score",
)


@dataclass(frozen=True)
class Measure:
    """A figure of a period. `adds_up`: it grows with the period's length."""

    unit: str
    figure: Callable[[Measured], Figure]
    adds_up: bool = False


def _counted(value: float) -> Figure:
    return Figure(float(value))


def _contact_rate(found: Measured) -> Figure:
    attempts = found.reached.attempts
    return Figure(ratio(found.statuses.get(CONTACT, 0), attempts), attempts)


def _kept_rate(found: Measured) -> Figure:
    judged = found.promised.kept + found.promised.broken
    return Figure(ratio(found.promised.kept, judged), judged)


def _talk(found: Measured) -> Figure:
    return Figure(
        ratio(found.reached.talk.total_seconds(), found.reached.bridged), found.reached.bridged
    )


def _logged_in(found: Measured) -> Figure:
    time = sum((day.logged_in for day in found.staff), timedelta())
    return _counted(time / timedelta(hours=1))


# In the order of the page.
MEASURES: Mapping[str, Measure] = {
    "recovery_count": Measure(
        RATE, lambda found: Figure(found.recovery.by_count, found.recovery.accounts)
    ),
    "recovery_yen": Measure(
        RATE, lambda found: Figure(found.recovery.by_yen, found.recovery.accounts)
    ),
    "cure_rate": Measure(
        RATE, lambda found: Figure(found.recovery.cure_rate, found.recovery.delinquent)
    ),
    "days_to_collect": Measure(
        DAYS, lambda found: Figure(found.recovery.days_to_collect, found.recovery.payments)
    ),
    "first_contact_rate": Measure(
        RATE,
        lambda found: Figure(found.first_attempts.contact_rate, found.first_attempts.attempts),
    ),
    "contact_rate": Measure(RATE, _contact_rate),
    "kept_rate": Measure(RATE, _kept_rate),
    "talk_avg": Measure(SECONDS, _talk),
    "dials_each": Measure(
        EACH,
        lambda found: Figure(
            ratio(sum(day.dials for day in found.staff), found.operator_days), found.operator_days
        ),
    ),
    "csat_mean": Measure(SCORE, lambda found: Figure(found.scores.mean, found.scores.answered)),
    "attempts": Measure(COUNT, lambda found: _counted(found.reached.attempts), adds_up=True),
    "contacts": Measure(
        COUNT, lambda found: _counted(found.statuses.get(CONTACT, 0)), adds_up=True
    ),
    "promises": Measure(COUNT, lambda found: _counted(found.promised.made), adds_up=True),
    "collected_yen": Measure(
        YEN, lambda found: _counted(found.recovery.collected_yen), adds_up=True
    ),
    "logged_in": Measure(HOURS, _logged_in, adds_up=True),
}
# Which rows a measure is worked out from: `money.source.<code>` in the catalogue.
SOURCES: Mapping[str, str] = {
    **dict.fromkeys(("recovery_count", "recovery_yen", "days_to_collect"), "debts"),
    "collected_yen": "debts",
    "cure_rate": "classes",
    **dict.fromkeys(("first_contact_rate", "contact_rate", "contacts"), "marks"),
    **dict.fromkeys(("kept_rate", "promises"), "promises"),
    **dict.fromkeys(("talk_avg", "attempts"), "calls"),
    **dict.fromkeys(("dials_each", "logged_in", "labour_yen"), "moves"),
    "calls_yen": "tariffs",
    "csat_mean": "scores",
}
# What is told to those who may see wages; the units' costs follow it.
COST_MEASURES = ("labour_yen", "calls_yen", "total_yen")
COST_UNITS = ("contacts", "promises", "collected_yen")


def source_of(code: str) -> str:
    """What a measure rests on; costs rest on all of it."""
    return SOURCES.get(code, "costs")


def compared(before: Measured, after: Measured) -> list[Compared]:
    """Every measure of both periods."""
    lengths = (len(before.asked.days), len(after.asked.days))
    return [
        Compared(code, each.unit, each.figure(before), each.figure(after), each.adds_up, *lengths)
        for code, each in MEASURES.items()
    ]


def costs_compared(before: tuple[Measured, Costs], after: tuple[Measured, Costs]) -> list[Compared]:
    """What both cost, and what each contact, promise and yen cost."""
    lengths = (len(before[0].asked.days), len(after[0].asked.days))
    found = [
        Compared(
            code,
            YEN,
            _counted(getattr(before[1], code)),
            _counted(getattr(after[1], code)),
            True,
            *lengths,
        )
        for code in COST_MEASURES
    ]
    first, second = (
        (per_unit(costs, measured.achieved), measured.achieved)
        for measured, costs in (before, after)
    )
    for unit in COST_UNITS:
        figures = [Figure(prices[unit], had.cases(unit)) for prices, had in (first, second)]
        found.append(Compared(f"per_{unit}", YEN, figures[0], figures[1], False, *lengths))
    return found
