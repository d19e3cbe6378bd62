"""A year of a large house, row by row as the desk would have left them.

Operators work nine to six on weekdays; every day has its calls, their outcomes and statuses, and
the moves of every seat. March has the most. Same seed, same rows, on both databases.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database
from benchmarks.reports import people
from benchmarks.reports.days import Days
from benchmarks.reports.loader import Loader

# Share of the year's calls by month, January first; March is the end of the business year.
SEASON = (0.8, 0.9, 1.25, 1.0, 0.95, 1.0, 1.0, 0.9, 1.05, 1.0, 1.05, 1.1)
SEED = 20251101


@dataclass(frozen=True)
class Size:
    """How much there is of everything."""

    calls: int = 10_000_000
    moves: int = 30_000_000
    operators: int = 1000
    customers: int = 500_000
    fields: int = 40
    first: date = date(2025, 11, 1)
    months: int = 12

    @property
    def days(self) -> list[date]:
        """The working days."""
        found, day = [], self.first
        while (day.year - self.first.year) * 12 + day.month - self.first.month < self.months:
            if day.weekday() < 5:
                found.append(day)
            day += timedelta(days=1)
        return found


def write(url: str, size: Size, sealer: Sealer, say: Callable[[str], None]) -> None:
    """Fill a migrated, empty database."""
    database = Database(url)
    with database.write() as session:
        centre = people.centre(session, size.first, size.operators)
    database.close()
    rng = random.Random(SEED)
    loader = Loader(url)
    again = loader.without_indexes()
    customers = people.Customers(size.first, size.customers, size.fields, centre.lists)
    customers.write(loader, sealer, rng)
    say(f"{size.customers:,} customers with {size.fields} fields each")
    days = size.days
    share = size.calls / sum(SEASON[day.month - 1] for day in days)
    year = Days(loader, centre, customers=size.customers, rng=rng)
    for number, day in enumerate(days, start=1):
        year.write(day, round(share * SEASON[day.month - 1]), round(size.moves / len(days)))
        if number % 20 == 0 or number == len(days):
            say(f"{day}: {year.calls:,} calls, {year.moves:,} moves")
    again()
    loader.close()
