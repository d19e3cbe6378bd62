"""Which closed months a report tells the figures of now from: said beside "as of" on every page.

The page of operators tells what a month was closed as (`closed_report.py`); all other reports count
the rows as they are today, and whoever holds one against a closed month must know that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

from agent_desk.catalogue import translate
from agent_desk.services.reports.making import (
    INSTANT,
    TEXT,
    Asked,
    Cell,
    ClosedNote,
    Column,
    Ground,
    Made,
    Table,
)
from agent_desk.services.reports.month_figures import days_of
from agent_desk.store.reports import closed_months
from agent_desk.store.unit_of_work import Database

# Parameters that name a period: its first and its last day.
_PERIODS = (("from", "to"), ("before_from", "before_to"), ("day", "day"))


def noted(made: Made, asked: Asked, ground: Ground) -> Made:
    """The report with the closed months its days are of."""
    periods = [*_asked_for(asked), *made.beside]
    found = within(ground.database, periods) if periods else []
    return replace(made, closed=[each for each in found if each.month != made.tells_closed])


def within(database: Database, periods: Iterable[tuple[date, date]]) -> list[ClosedNote]:
    """The closed months these days are of, the earliest first."""
    notes: dict[str, ClosedNote] = {}
    with database.read() as session:
        for first, last in periods:
            for each in closed_months.holding(session, f"{first:%Y-%m}", f"{last:%Y-%m}"):
                notes[each.month] = ClosedNote(
                    each.month, days_of(each.month), each.version, each.kind, each.made_at
                )
    return [notes[month] for month in sorted(notes)]


def table(made: Made, locale: str) -> Table:
    """The same for workbooks, as a sheet of its own."""
    columns = [
        Column("closed_month", TEXT),
        Column("closed_version"),
        Column("closed_kind", TEXT),
        Column("closed_at", INSTANT),
    ]
    rows: list[list[Cell]] = [
        [each.month, each.version, translate(f"closing.kind.{each.kind}", locale=locale), each.at]
        for each in made.closed
    ]
    return Table(columns, rows, "closing.title", in_csv=False)


def _asked_for(asked: Asked) -> Iterator[tuple[date, date]]:
    for first, last in _PERIODS:
        if asked.params.get(first) and asked.params.get(last):
            yield asked.day(first), asked.day(last)
