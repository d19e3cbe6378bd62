"""One measure by day, week or month, with as many days before: is it getting better? (推移)"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from agent_desk.catalogue import translate
from agent_desk.dialer.business_time import business_date
from agent_desk.services.errors import ServiceError
from agent_desk.services.reports import call_questions
from agent_desk.services.reports.call_figures import corrected, groups
from agent_desk.services.reports.call_metrics import CALL_METRICS, FEW, CallMetric
from agent_desk.services.reports.call_questions import CallQuestion
from agent_desk.services.reports.making import (
    COUNT,
    DAY,
    YEN,
    Asked,
    Cell,
    Column,
    Ground,
    Made,
    Table,
)
from agent_desk.services.reports.trend_picture import draw

USUAL = "m_contact_rate"
STEPS = ("day", "week", "month")
TO_COME: tuple[Cell, int] = (None, 0)  # a day that is not here yet is no day without calls
_EPOCH = date(1970, 1, 1)
_DAY = timedelta(days=1)
Sums = Mapping[str, int]


@dataclass(frozen=True)
class Step:
    """A day, or what of a week or month lies in the period."""

    first: date
    last: date


def make(asked: Asked, ground: Ground) -> Made:
    """Of the figure `metric`, by `step`; every filter of calls holds."""
    question = call_questions.read(asked, metrics=(USUAL,))
    metric, step = question.metrics[0], asked.params.get("step") or STEPS[0]
    if step not in STEPS:
        raise ServiceError("bad-payload", reason="step")
    # As many days before: the figures are those of the question asked over both together.
    length = (question.last - question.first) + _DAY
    past = replace(question, first=question.first - length, last=question.first - _DAY)
    facts, found = groups(asked, ground, question, by=("day",))
    _, earlier = groups(asked, ground, past, by=("day",))
    days = {_EPOCH + each.codes[0] * _DAY: each.sums for each in (*found, *earlier)}
    steps = _steps(question, step)
    ago = [Step(each.first - length, each.last - length) for each in steps]
    today = business_date(asked.now)
    now = [_value(metric, days, each) if each.first <= today else TO_COME for each in steps]
    before = [_value(metric, days, each) for each in ago]
    rows = [
        [each.first, each.last, value, cases, was.first, was.last, then]
        for each, was, (value, cases), (then, _) in zip(steps, ago, now, before, strict=True)
    ]
    over = _value(metric, days, Step(question.first, question.last))
    over_before = _value(metric, days, Step(past.first, past.last))
    total: list[Cell] = [question.first, question.last, *over, past.first, past.last]
    table = Table(_columns(metric, asked.locale), rows, "trend.table", [*total, over_before[0]])
    values = {
        "metric": metric,
        "metrics": CALL_METRICS.values(),
        "step": step,
        "steps": STEPS,
        "table": table,
        "few_cases": FEW,
        "picture": draw(
            [_height(value) for value, _ in now],
            [_height(value) for value, _ in before],
            whole=metric.unit in (COUNT, YEN),
        ),
    }
    later = corrected(asked, ground, question)
    return Made(
        [table],
        facts.as_of,
        "trend.html",
        values,
        corrections=later,
        picture="_trend.html",
        beside=[(past.first, past.last)],
    )


def _steps(question: CallQuestion, step: str) -> list[Step]:
    """Without a gap, from the first day to the last; weeks begin on Monday."""
    steps: list[Step] = []
    day = question.first
    while day <= question.last:
        end = day
        if step == "week":
            end = day + (6 - day.weekday()) * _DAY
        elif step == "month":
            end = (day.replace(day=1) + 31 * _DAY).replace(day=1) - _DAY
        end = min(end, question.last)
        steps.append(Step(day, end))
        day = end + _DAY
    return steps


def _value(metric: CallMetric, days: Mapping[date, Sums], step: Step) -> tuple[Cell, int]:
    """The figure and its cases; shares and averages of what was added up, never of shares."""
    sums = dict.fromkeys(metric.sums, 0)
    for number in range((step.last - step.first).days + 1):
        for name, told in days.get(step.first + number * _DAY, {}).items():
            if name in sums:
                sums[name] += told
    return metric.value(sums), metric.cases(sums)


def _height(value: Cell) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _columns(metric: CallMetric, locale: str) -> list[Column]:
    past = translate("trend.past_figure", locale=locale)
    return [
        Column("trend_first", DAY),
        Column("trend_last", DAY),
        Column(metric.code, metric.unit),
        Column("trend_cases", COUNT),
        Column("trend_past_first", DAY),
        Column("trend_past_last", DAY),
        Column(metric.code, metric.unit, past),
    ]
