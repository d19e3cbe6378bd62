"""A closed month on the page of operators: its figures as they were closed, and what moved since.

The newest version is shown unless somebody asks for the figures of now; either way every figure
that differs is told, closed, now and by how much, with how many corrections came after.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from agent_desk.catalogue import translate
from agent_desk.services.reports import headings, month_figures
from agent_desk.services.reports.figures import Report, assembled
from agent_desk.services.reports.funnels import StatusColumn
from agent_desk.services.reports.making import (
    COUNT,
    INSTANT,
    NUMBER,
    TEXT,
    Asked,
    Cell,
    Column,
    Table,
)
from agent_desk.services.reports.months_report import LATE
from agent_desk.services.reports.operator_tables import AUDITED, figures_of, step_name
from agent_desk.store.campaigns import campaigns
from agent_desk.store.reports import closed_months, late_changes
from agent_desk.store.reports.closed_months import MonthVersion
from agent_desk.store.reports.late_changes import Whose
from agent_desk.store.reports.scope import people_of
from agent_desk.store.unit_of_work import Session

NOW = "now"  # the parameter `figures` of whoever wants them as they are now
LEAST = 0.0005  # seconds and shares are told to the tenth
_PERHAPS_NONE = ("paid_s", "utilisation", "audit_mean")
SHOWN = 200  # differences on the page; files have all


@dataclass(frozen=True)
class Difference:
    """One figure that is not what it was closed as. `of`: whose it is."""

    username: str
    of: str
    column: Column
    closed: Cell
    now: Cell

    @property
    def change(self) -> float | None:
        """Now less closed; None where one of them is not there."""
        if isinstance(self.closed, int | float) and isinstance(self.now, int | float):
            return self.now - self.closed
        return None


@dataclass(frozen=True)
class Closing:
    """What the page says of a closed month. `report` are the figures that are shown."""

    report: Report
    version: MonthVersion
    history: Sequence[MonthVersion]
    late: Mapping[str, int]
    differences: Sequence[Difference]
    shows_now: bool
    shown: int = SHOWN


def closing_of(
    session: Session, asked: Asked, whose: Whose, days: tuple[date, date], now: Report
) -> Closing | None:
    """The closed month these days are; None for other days, and for a month that is open."""
    month = month_figures.month_of(*days)
    history = [] if month is None else closed_months.of_month(session, month)
    if not history:
        return None
    version = history[0]
    closed = replace(_closed(session, version, whose, asked.locale), past=now.past)
    shows_now = asked.params.get("figures") == NOW
    own = whose.user_id is not None
    return Closing(
        report=now if shows_now else closed,
        version=version,
        history=history,
        late=late_changes.since(session, version, *days, whose),
        differences=[
            each
            for each in differences(closed, now, asked.locale, own=own)
            if _was_told(version, each.column)
        ],
        shows_now=shows_now,
    )


def differences(closed: Report, now: Report, locale: str, *, own: bool) -> list[Difference]:
    """Figures that moved: of each operator, of all, of the funnel; of the `own` only the first."""
    was, are = _figures(closed, locale, own=own), _figures(now, locale, own=own)
    found = []
    for key in [*was, *(key for key in are if key not in was)]:
        username, of, column, _ = was.get(key) or are[key]
        nothing: Cell = None if column.metric in _PERHAPS_NONE else 0
        before = was[key][3] if key in was else nothing
        after = are[key][3] if key in are else nothing
        if _differ(before, after):
            found.append(Difference(username, of, column, before, after))
    return found


def tables(closing: Closing, locale: str) -> list[Table]:
    """For files: which version this is, and what moved since."""
    version = closing.version
    counted = [kind for kind in LATE if kind in closing.late]
    head = Table(
        [
            Column("closed_month", TEXT),
            Column("closed_version"),
            Column("closed_kind", TEXT),
            Column("closed_at", INSTANT),
            Column("closed_by", TEXT),
            Column("closed_reason", TEXT),
            Column("closed_as_of", INSTANT),
            Column("closed_formulas"),
            Column("closed_shown", TEXT),
            *(Column(f"late_{kind}") for kind in counted),
        ],
        [
            [
                version.month,
                version.version,
                translate(f"closing.kind.{version.kind}", locale=locale),
                version.made_at,
                version.made_by,
                version.reason,
                version.as_of,
                version.definitions["formulas"],
                translate(f"closing.{'now' if closing.shows_now else 'closed'}", locale=locale),
                *(closing.late[kind] for kind in counted),
            ]
        ],
        "closing.title",
    )
    rows = [_row(each, locale) for each in closing.differences]
    columns = [
        Column("username", TEXT),
        Column("restated_of", TEXT),
        Column("restated_figure", TEXT),
        Column("restated_closed", NUMBER),
        Column("restated_now", NUMBER),
        Column("restated_change", NUMBER),
        Column("restated_unit", TEXT),
    ]
    return [head, Table(columns, rows, "closing.restatement")]


def _row(each: Difference, locale: str) -> list[Cell]:
    return [
        each.username,
        each.of,
        headings.name(each.column, locale),
        each.closed,
        each.now,
        each.change,
        translate(f"report.unit.{each.column.unit}", locale=locale),
    ]


_Figure = tuple[str, str, Column, Cell]


def _figures(report: Report, locale: str, *, own: bool) -> dict[tuple[str, ...], _Figure]:
    """Every figure by whose and which it is."""
    found: dict[tuple[str, ...], _Figure] = {}
    for row in report.rows:
        for key, (column, value) in figures_of(row, report).items():
            found[row.username, *key] = (row.username, row.name, column, value)
    if own:
        return found
    total = translate("report.total", locale=locale)
    for key, (column, value) in figures_of(report.total, report).items():
        found["", *key] = ("", total, column, value)
    way = translate("report.funnel", locale=locale)
    for step in [*report.funnel, *report.outcomes]:
        column = Column("funnel_calls", COUNT, step_name(step, locale))
        found["", "funnel_calls", step.code] = ("", way, column, step.count)
    return found


def _was_told(version: MonthVersion, column: Column) -> bool:
    """Audits were no figure of months when they were first closed."""
    return column not in AUDITED or version.definitions["formulas"] >= month_figures.WITH_SCORES


def _differ(before: Cell, after: Cell) -> bool:
    if isinstance(before, int | float) and isinstance(after, int | float):
        return abs(before - after) >= LEAST
    return before != after


def _closed(session: Session, version: MonthVersion, whose: Whose, locale: str) -> Report:
    """The figures of a version within scope: whose they are is as of now, as everywhere."""
    part = closed_months.part(session, version.id, whose.campaign_id or closed_months.OF_ALL)
    rows, funnels = month_figures.unpacked(part) if part is not None else ([], {})
    within = _campaigns(session, whose)
    if whose.user_id is not None:
        rows = [row for row in rows if row.user_id == whose.user_id]
    elif whose.teams is not None:
        theirs = people_of(session, whose.teams)
        rows = [row for row in rows if row.user_id in theirs]
    return assembled(
        rows,
        month_figures.together(funnels, within),
        _ways(version, within, locale),
        as_of=version.as_of,
    )


def _campaigns(session: Session, whose: Whose) -> set[int]:
    return {
        each.campaign_id
        for each in campaigns.all_facts(session)
        if whose.campaign_id in (None, each.campaign_id)
        and (whose.teams is None or whose.teams & each.team_ids)
    }


def _ways(
    version: MonthVersion, within: Collection[int], locale: str
) -> dict[int, list[StatusColumn]]:
    """The statuses of each campaign as they were."""
    told = 1 if locale == "ja" else 2
    return {
        int(campaign): [StatusColumn(each[0], each[told], each[3]) for each in way]
        for campaign, way in version.definitions["ways"].items()
        if int(campaign) in within
    }
