"""What a month cost under a tariff, and what it would have cost under each of the others.

The calls of a month are read day by day, each in a transaction of its own, with a pause between
two: the desk that answers this has calls to look after.
"""

from __future__ import annotations

import calendar
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from agent_desk.dialer.bills import Bill, Heads, Talks, bill
from agent_desk.dialer.business_time import at
from agent_desk.services.errors import ServiceError
from agent_desk.services.ports import Clock
from agent_desk.services.running.day_figures import business_date
from agent_desk.store.campaigns import tariffs
from agent_desk.store.campaigns.tariffs import TariffRow
from agent_desk.store.reports import charges
from agent_desk.store.reports.charges import TalksOf
from agent_desk.store.unit_of_work import Database

MOST_HEADS = 10_000


@dataclass(frozen=True)
class HeadsWanted:
    """Numbers somebody wants the fees worked out for; None: as they were in the month."""

    terminal: int | None = None
    booth: int | None = None
    id: int | None = None


@dataclass(frozen=True)
class CampaignSum:
    """What the calls of one campaign cost in the month, under the tariff."""

    name: str
    calls: int
    sen: int


@dataclass(frozen=True)
class Comparison:
    """What all calls of the month would have cost under one tariff; no bill, no terms yet."""

    tariff: TariffRow
    bill: Bill | None


@dataclass(frozen=True)
class MonthBill:
    """The preview of one month. `unpriced`: answered calls that belong to no tariff."""

    month: date
    tariff: TariffRow
    bill: Bill | None
    heads: Heads
    campaigns: tuple[CampaignSum, ...]
    unpriced: int
    compared: tuple[Comparison, ...]


class BillService:
    """Reads only."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        booths: int | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """`booths`: how many are paid for; None: as many as were used at once."""
        self._database = database
        self._clock = clock
        self._booths = booths
        self._pause = pause

    def month(
        self, tariff_id: int, month: date | None = None, *, wanted: HeadsWanted | None = None
    ) -> MonthBill:
        """The bill of the month of a day (this one if None); ServiceError tariff-unknown."""
        first = (month or business_date(self._clock.now())).replace(day=1)
        days = days_of_month(first)
        with self._database.read() as session:
            every = tariffs.every(session)
            start, end = at(days[0], 0), at(days[-1], 1440)
            most = charges.most_seats_at_once(session, start, end)
            people = charges.operators(session, start, end)
        tariff = next((row for row in every if row.id == tariff_id), None)
        if tariff is None:
            raise ServiceError("tariff-unknown")
        counted = Heads(terminal=most, booth=self._booths or most, id=people)
        heads = _heads(counted, wanted or HeadsWanted())
        found = self._talks(days)
        own = [each for each in found if each.tariff_id == tariff_id]
        return MonthBill(
            month=first,
            tariff=tariff,
            bill=bill(tariff.versions, days, heads, _talks_of(own)),
            heads=heads,
            campaigns=self._by_campaign(tariff, days, heads, own),
            unpriced=sum(each.talks.calls for each in found if each.tariff_id is None),
            compared=tuple(
                Comparison(row, bill(row.versions, days, heads, _talks_of(found)))
                for row in every
                if not row.retired or row.id == tariff_id
            ),
        )

    def _talks(self, days: Sequence[date]) -> list[TalksOf]:
        found = []
        today = business_date(self._clock.now())
        for day in days:
            if day > today:
                break
            with self._database.read() as session:
                found += charges.talks(session, day, at(day, 0), at(day, 1440))
            self._pause(0)
        return found

    def _by_campaign(
        self, tariff: TariffRow, days: Sequence[date], heads: Heads, own: Sequence[TalksOf]
    ) -> tuple[CampaignSum, ...]:
        names = self._campaign_names()
        sums = []
        for campaign_id in sorted({each.campaign_id for each in own}):
            theirs = _talks_of(each for each in own if each.campaign_id == campaign_id)
            found = bill(tariff.versions, days, heads, theirs)
            if found is not None:
                lines = found.lines.values()
                calls, sen = sum(line.calls for line in lines), sum(line.sen for line in lines)
                sums.append(CampaignSum(names[campaign_id], calls, sen))
        return tuple(sums)

    def _campaign_names(self) -> dict[int, str]:
        with self._database.read() as session:
            return charges.campaign_names(session)


def days_of_month(first: date) -> list[date]:
    """All days of the month that begins on a day."""
    _, length = calendar.monthrange(first.year, first.month)
    return [first.replace(day=day) for day in range(1, length + 1)]


def _heads(counted: Heads, wanted: HeadsWanted) -> Heads:
    told = {name: count for name, count in vars(wanted).items() if count is not None}
    return replace(counted, **told)


def _talks_of(found: Iterable[TalksOf]) -> list[Talks]:
    return [each.talks for each in found]
