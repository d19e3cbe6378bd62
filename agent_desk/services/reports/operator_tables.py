"""The report of operators and the funnel as tables for files: everything the page shows."""

from __future__ import annotations

from collections.abc import Mapping

from agent_desk.catalogue import translate
from agent_desk.services.reports.figures import Report
from agent_desk.services.reports.funnels import FunnelStep, StatusColumn
from agent_desk.services.reports.making import (
    COUNT,
    NUMBER,
    SECONDS,
    SHARE,
    TEXT,
    Cell,
    Column,
    Table,
)
from agent_desk.store.reports.operator_rows import OperatorRow

TIMES = ("login_s", "starting_s", "idle_s", "talk_s", "hold_s", "wrap_s", "away_s")
AVERAGES = ("idle_avg_s", "talk_avg_s", "wrap_avg_s")
_WHO = (Column("username", TEXT), Column("name", TEXT))
_FIGURES = (
    *(Column(key, SECONDS) for key in TIMES),
    Column("calls"),
    *(Column(key, SECONDS) for key in AVERAGES),
    Column("paid_s", SECONDS),
    Column("utilisation", SHARE),
    Column("promises"),
)
AUDITED = (Column("audit_calls"), Column("audit_mean", NUMBER))
_FUNNEL = (
    Column("funnel_step", TEXT),
    Column("funnel_calls"),
    Column("rate_prev", SHARE),
    Column("rate_first", SHARE),
    Column("lost"),
    Column("worst", TEXT),
    Column("past_calls"),
    Column("past_rate", SHARE),
    Column("rate_change", NUMBER),
)
# (metric, code or reason): what a figure is known by, whatever it is called
Figures = Mapping[tuple[str, str], tuple[Column, Cell]]


def operators_table(report: Report) -> Table:
    """One line for each operator, and their total."""
    keys = [(key, column) for key, (column, _) in figures_of(report.total, report).items()]

    def cells(row: OperatorRow) -> list[Cell]:
        told = figures_of(row, report)
        none: Cell = 0
        return [row.username, row.name, *(told[key][1] if key in told else none for key, _ in keys)]

    return Table(
        [*_WHO, *(column for _, column in keys)],
        [cells(row) for row in report.rows],
        "report.operators",
        cells(report.total),
    )


def figures_of(row: OperatorRow, report: Report) -> Figures:
    """Every figure of a line; away by the reasons the line itself has."""
    found: dict[tuple[str, str], tuple[Column, Cell]] = {
        (column.metric, ""): (column, getattr(row, column.metric)) for column in _FIGURES
    }
    for status in report.statuses:
        column = Column("code", COUNT, status.label)
        found["code", status.code] = (column, row.codes.get(status.code, 0))
    for reason, seconds in row.away_by.items():
        found["away_for", reason] = (Column("away_for", SECONDS, reason), seconds)
    # Last, so that files keep their columns where programs look for them.
    for column in AUDITED:
        found[column.metric, ""] = (column, getattr(row, column.metric))
    return found


def funnel_table(report: Report, locale: str) -> Table:
    """The steps with what was lost, the worst one named, and the days before beside them."""
    rows = [[*_step(each, locale), *_past(each, report)] for each in report.funnel]
    return Table(_FUNNEL, rows, "report.funnel", in_csv=False)


def step_name(step: FunnelStep | StatusColumn, locale: str) -> str:
    """What a step is called: a button by its label, what the line brings by the catalogue."""
    return step.label or translate(f"funnel.{step.code}", locale=locale)


def _step(step: FunnelStep, locale: str) -> list[Cell]:
    worst = translate("report.worst", locale=locale) if step.worst else ""
    name = step_name(step, locale)
    return [name, step.count, step.rate_prev, step.rate_first, step.lost, worst]


def _past(step: FunnelStep, report: Report) -> list[Cell]:
    was = None if report.past is None else report.past.steps.get(step.code)
    if was is None:
        return [None, None, None]
    return [was.count, was.rate_prev, points(step.rate_prev, was.rate_prev)]


def points(now: float | None, was: float | None) -> float | None:
    """By how many points a share moved; None where one of them is not there."""
    return None if now is None or was is None else (now - was) * 100
