"""The report on a plan of return: its items, when it has paid for itself, and five years (A52–A55).

Items fed from measured figures are worked out here, from the two periods the plan names; the rest
is as it was typed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from agent_desk.catalogue import translate
from agent_desk.services.errors import ServiceError
from agent_desk.services.reports.corrections import corrections
from agent_desk.services.reports.costs import Costs
from agent_desk.services.reports.making import (
    COUNT,
    NUMBER,
    SHARE,
    TEXT,
    YEN,
    Asked,
    Cell,
    Column,
    Ground,
    Made,
    Table,
)
from agent_desk.services.reports.money import Measured, Question, costs_of, measure
from agent_desk.services.reports.money_asked import may_see_costs, out_of_facts
from agent_desk.services.reports.money_words import percent
from agent_desk.services.reports.roi import (
    TYPED,
    Item,
    Periods,
    Plan,
    Year,
    forecast,
    investment,
    monthly_benefit,
    over_a_year,
    payback_months,
)
from agent_desk.services.reports.roi_plans import plans_of
from agent_desk.store.reports.achievements import Scope
from agent_desk.store.unit_of_work import Session

_WORDS = "money.progress.measuring"


@dataclass(frozen=True)
class Yearly:
    """A year as the page writes it."""

    year: Year
    roi: str


def make(asked: Asked, ground: Ground) -> Made:
    """Params: plan (an id; none while there is no plan). ServiceError plan-unknown, not-allowed."""
    if not may_see_costs(asked.role):
        raise ServiceError("not-allowed")
    with ground.database.read() as session:
        wanted = asked.whole("plan")
        if wanted is None:
            return Made(tables=[], as_of=asked.now, template="roi_none.html")
        plan = next((each for each in plans_of(session) if each.id == wanted), None)
        if plan is None:
            raise ServiceError("plan-unknown")
        items, as_of = _fed(session, plan, asked, ground)
        later = _corrections(session, plan, asked)
    years = forecast(items)
    return Made(
        tables=[_summary(items, asked.locale), _years(years), _items(items, asked.locale)],
        as_of=as_of,
        template="roi.html",
        values={
            "plan": plan,
            "items": items,
            "years": [Yearly(each, percent(each.roi)) for each in years],
            "investment": investment(items),
            "benefit": years[0].benefit_yen,
            "running": years[0].cost_yen - investment(items),
            "months": payback_months(items),
        },
        corrections=later,
        beside=_spans(plan.periods) if plan.measured and plan.periods else (),
    )


def _spans(periods: Periods) -> tuple[tuple[date, date], ...]:
    """What is compared: the days before and after."""
    return (periods.before_from, periods.before_to), (periods.after_from, periods.after_to)


def _corrections(session: Session, plan: Plan, asked: Asked) -> int | None:
    """Of the periods that feed it; None where all of it was typed."""
    if not plan.measured or plan.periods is None:
        return None
    spans = _spans(plan.periods)
    periods = (Question(first, last, Scope(teams=asked.teams), asked.now) for first, last in spans)
    return corrections(session, asked, *((each.start, each.end) for each in periods))


def _fed(session: Session, plan: Plan, asked: Asked, ground: Ground) -> tuple[list[Item], datetime]:
    """The items with what was measured in the place of what was not typed, and when it was so."""
    if not plan.measured or plan.periods is None:
        return list(plan.items), asked.now
    measured, as_of = _measured(session, plan.periods, asked, ground)
    items = [
        item if item.source == TYPED else replace(item, yen=measured[item.source])
        for item in plan.items
    ]
    return items, as_of


def _measured(
    session: Session, periods: Periods, asked: Asked, ground: Ground
) -> tuple[dict[str, int], datetime]:
    """What the period after saves and gains over a year, by source, and as of when."""
    found: list[tuple[Measured, Costs]] = []
    spans = _spans(periods)
    for place, (first, last) in enumerate(spans):

        def tell(share: float, place: int = place) -> None:
            ground.tell((place + share) / len(spans), _WORDS)

        span = Question(first, last, Scope(teams=asked.teams), asked.now)
        wanted = measure(session, out_of_facts(span, ground))
        found.append((wanted, costs_of(session, wanted, tell)))
    (before, cost_before), (after, cost_after) = found
    lengths = (len(before.asked.days), len(after.asked.days))

    def saved(then: int, now: int) -> int:
        return -over_a_year(then, lengths[0], now, lengths[1])

    told = {
        "labour_saved": saved(cost_before.labour_yen, cost_after.labour_yen),
        "running_saved": saved(
            cost_before.total_yen - cost_before.labour_yen,
            cost_after.total_yen - cost_after.labour_yen,
        ),
        "collected_gained": -saved(before.recovery.collected_yen, after.recovery.collected_yen),
    }
    return told, min(before.asked.as_of, after.asked.as_of)


def _summary(items: Sequence[Item], locale: str) -> Table:
    benefit = forecast(items, 1)[0].benefit_yen
    rows: list[tuple[str, Cell]] = [
        ("investment", investment(items)),
        ("benefit", benefit),
        ("monthly", float(monthly_benefit(items))),
        ("payback", payback_months(items)),
    ]
    return Table(
        title="money.table.roi",
        columns=[
            Column("money_item", TEXT),
            Column("money_value", NUMBER),
            Column("money_unit", TEXT),
            Column("money_formula", TEXT),
        ],
        rows=[
            (
                translate(f"money.roi.{code}", locale=locale),
                value,
                translate(f"money.roi_unit.{code}", locale=locale),
                translate(f"money.roi_formula.{code}", locale=locale),
            )
            for code, value in rows
        ],
    )


def _years(years: Sequence[Year]) -> Table:
    return Table(
        title="money.table.years",
        columns=[
            Column("roi_year", COUNT),
            Column("roi_cost", YEN),
            Column("roi_benefit", YEN),
            Column("roi_cost_sum", YEN),
            Column("roi_benefit_sum", YEN),
            Column("roi_return", SHARE),
        ],
        rows=[
            (
                each.year,
                each.cost_yen,
                each.benefit_yen,
                each.cost_sum,
                each.benefit_sum,
                each.roi,
            )
            for each in years
        ],
    )


def _items(items: Sequence[Item], locale: str) -> Table:
    return Table(
        title="money.table.items",
        columns=[
            Column("money_item", TEXT),
            Column("roi_kind", TEXT),
            Column("money_yen", YEN),
            Column("roi_from_year", COUNT),
            Column("roi_step", YEN),
            Column("money_source", TEXT),
        ],
        rows=[
            (
                item.name,
                translate(f"money.kind.{item.kind}", locale=locale),
                item.yen,
                item.from_year,
                item.step_yen,
                translate(f"money.fed.{item.source}", locale=locale),
            )
            for item in items
        ],
    )
