"""The dictionary of figures as a page: what each is called, how it is worked out, from what."""

from __future__ import annotations

from agent_desk.catalogue import translate
from agent_desk.services.reports.making import TEXT, Asked, Column, Ground, Made, Table
from agent_desk.services.reports.metrics import METRICS

_COLUMNS = [
    Column("metric_ja", TEXT),
    Column("metric_en", TEXT),
    Column("metric_formula", TEXT),
    Column("metric_unit", TEXT),
    Column("metric_source", TEXT),
    Column("metric_code", TEXT),
]


def make(asked: Asked, ground: Ground) -> Made:
    """All of them, in the order of their sources; the same for everybody."""
    rows = [
        [
            _called(code, "ja"),
            _called(code, "en"),
            translate(f"report.formula.{code}", locale=asked.locale),
            translate(f"report.unit.{metric.unit}", locale=asked.locale),
            translate(f"report.source.{metric.source}", locale=asked.locale),
            code,
        ]
        for code, metric in sorted(METRICS.items(), key=lambda each: each[1].source)
    ]
    return Made([Table(_COLUMNS, rows, "reports.metrics")], asked.now)


def _called(code: str, locale: str) -> str:
    """The figure's name; of one for each reason, as it is for any."""
    return translate(
        f"report.{code}", locale=locale, reason=translate("report.each_reason", locale=locale)
    )
