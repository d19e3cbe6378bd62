"""Lists and attributes ranked by how many prospects they bring (見込み率, B31).

Ranked by the lower end of the interval the share lies in: three prospects of four calls are luck
until there are more, and do not stand above three hundred of a thousand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent_desk.catalogue import translate
from agent_desk.services.errors import ServiceError
from agent_desk.services.reports import call_questions
from agent_desk.services.reports.call_figures import corrected, groups
from agent_desk.services.reports.call_filters import axis_name, namer
from agent_desk.services.reports.call_metrics import CALL_METRICS, FEW, CallMetric
from agent_desk.services.reports.making import SHARE, TEXT, Asked, Cell, Column, Ground, Made, Table
from agent_desk.store.facts import axes
from agent_desk.store.facts.axes import FIELD

USUAL_AXIS = "list"
PROSPECTS = "m_valid_of_attempts"  # 見込み率: valid calls of all that were placed
BETTER, WORSE, EVEN = "better", "worse", "even"
SHOWN = 500


@dataclass(frozen=True)
class Ranked:
    """One list or value. `standing`: whether the whole interval is above or below the share of
    all, and so more than luck."""

    name: str
    hits: int
    cases: int
    share: float
    low: float
    high: float
    standing: str

    @property
    def few(self) -> bool:
        """Whether it rests on too little to say much."""
        return self.cases < FEW


def ranked(found: Sequence[tuple[str, Mapping[str, int]]], metric: CallMetric) -> list[Ranked]:
    """The surest first; values without a case are left out."""
    denominator = metric.denominator or ""
    cases = sum(sums[denominator] for _, sums in found)
    overall = sum(sums[metric.numerator] for _, sums in found) / cases if cases else 0.0
    rows = []
    for name, sums in found:
        interval = metric.interval(sums)
        if interval is None:
            continue
        low, high = interval
        standing = BETTER if low > overall else WORSE if high < overall else EVEN
        hits, number = sums[metric.numerator], sums[denominator]
        rows.append(Ranked(name, hits, number, hits / number, low, high, standing))
    return sorted(rows, key=lambda each: (-each.low, -each.cases, each.name))


def make(asked: Asked, ground: Ground) -> Made:
    """By the one axis `by`, of the share `metric`; every filter of calls holds."""
    question = call_questions.read(asked, by=(USUAL_AXIS,), metrics=(PROSPECTS,))
    metric, axis = question.metrics[0], question.by[0]
    if not metric.is_share or len(question.by) > 1:
        raise ServiceError("bad-payload", reason="metric" if not metric.is_share else "by")
    facts, found = groups(asked, ground, question, by=(axis,))
    name = namer(axis, asked.locale)
    rows = ranked([(name(each.names[0]), each.sums) for each in found], metric)
    values = {
        "rows": rows[:SHOWN],
        "left_out": max(0, len(rows) - SHOWN),
        "metric": metric,
        "axis": axis,
        "axis_name": axis_name(axis, asked.locale),
        "axes": [(code, axis_name(code, asked.locale)) for code in axes.CODES],
        "fields": [
            (f"{FIELD}{each}", axis_name(f"{FIELD}{each}", asked.locale)) for each in facts.fields()
        ],
        "metrics": [each for each in CALL_METRICS.values() if each.is_share],
        "few_cases": FEW,
    }
    table = _table(rows, metric, axis_name(axis, asked.locale), asked.locale)
    later = corrected(asked, ground, question)
    return Made([table], facts.as_of, "ranking.html", values, corrections=later)


def _table(rows: Sequence[Ranked], metric: CallMetric, by: str, locale: str) -> Table:
    columns = [
        Column("rank"),
        Column("axis", TEXT, by),
        Column("rank_cases"),
        Column("rank_hits"),
        Column(metric.code, metric.unit),
        Column("share_low", SHARE),
        Column("share_high", SHARE),
        Column("rank_standing", TEXT),
    ]
    cells: list[list[Cell]] = [
        [
            place,
            each.name,
            each.cases,
            each.hits,
            each.share,
            each.low,
            each.high,
            translate("report.few", locale=locale)
            if each.few
            else translate(f"ranking.{each.standing}", locale=locale),
        ]
        for place, each in enumerate(rows, start=1)
    ]
    return Table(columns, cells, "reports.ranking")
