"""Weekday by hour, for any figure: when calls are worth making (曜日・時間帯)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent_desk.catalogue import translate
from agent_desk.services.reports import call_questions
from agent_desk.services.reports.call_figures import corrected, groups
from agent_desk.services.reports.call_metrics import CALL_METRICS, FEW, CallMetric
from agent_desk.services.reports.making import TEXT, Asked, Cell, Column, Ground, Made, Table

LEVELS = 9
USUAL = "m_contact_rate"


@dataclass(frozen=True)
class Spot:
    """One weekday and hour. `level` 1 to `LEVELS`, by the highest there is; 0: nothing to show.
    `few`: so few cases that the figure says little."""

    value: Cell
    cases: int
    level: int
    few: bool


def make(asked: Asked, ground: Ground) -> Made:
    """Of the figure `metric`; every filter of calls holds."""
    question = call_questions.read(asked, metrics=(USUAL,))
    metric = question.metrics[0]
    facts, found = groups(asked, ground, question, by=("weekday", "hour"))
    sums = {(each.codes[0], each.codes[1]): each.sums for each in found}
    hours = _hours([hour for _, hour in sums])
    spots = [[_spot(metric, sums.get((day, hour))) for hour in hours] for day in range(7)]
    most = max((_height(each.value) for row in spots for each in row if not each.few), default=0.0)
    rows = [[_levelled(each, most) for each in row] for row in spots]
    values = {
        "metric": metric,
        "metrics": CALL_METRICS.values(),
        "hours": hours,
        "rows": rows,
        "best": _best(rows, hours),
        "few_cases": FEW,
    }
    table = _table(metric, hours, rows, asked.locale)
    later = corrected(asked, ground, question)
    return Made(
        [table],
        facts.as_of,
        "heat_map.html",
        values,
        corrections=later,
        picture="_heat_map.html",
        picture_is_table=True,
    )


def _hours(there: Sequence[int]) -> list[int]:
    """Without a gap, from the first hour with calls to the last."""
    return list(range(min(there), max(there) + 1)) if there else []


def _spot(metric: CallMetric, sums: Mapping[str, int] | None) -> Spot:
    if sums is None:
        return Spot(None, 0, 0, True)
    cases = metric.cases(sums)
    return Spot(metric.value(sums), cases, 0, metric.denominator is not None and cases < FEW)


def _height(value: Cell) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _levelled(spot: Spot, most: float) -> Spot:
    height = _height(spot.value)
    if spot.value is None or spot.few or not most:
        return spot
    level = max(1, min(LEVELS, round(height / most * LEVELS)))
    return Spot(spot.value, spot.cases, level, spot.few)


def _best(rows: Sequence[Sequence[Spot]], hours: Sequence[int]) -> tuple[int, int] | None:
    """Weekday and hour of the highest figure that rests on enough cases."""
    every = [
        (_height(spot.value), -day, -hour)
        for day, row in enumerate(rows)
        for hour, spot in zip(hours, row, strict=True)
        if spot.level
    ]
    return (-max(every)[1], -max(every)[2]) if every else None


def _table(
    metric: CallMetric, hours: Sequence[int], rows: Sequence[Sequence[Spot]], locale: str
) -> Table:
    columns = [
        Column("weekday", TEXT),
        *(
            Column(metric.code, metric.unit, translate("report.hour_of", locale=locale, n=hour))
            for hour in hours
        ),
    ]
    cells: list[list[Cell]] = [
        [translate(f"weekday.{day}", locale=locale), *(spot.value for spot in row)]
        for day, row in enumerate(rows)
    ]
    return Table(columns, cells, f"report.{metric.code}")
