"""What another table would mean, before it is made: how many customers of each class it concerns.

Counting gives everybody else their turn (`services/lists/filters.py`), so it may be asked in the
middle of a working day. Who is drawn for whom is not counted customer by customer: the draw spreads
each list evenly (`dialer/strategy.py`), so a class and two shares tell it to within a few people.
Who may be called more or less often is a matter of each one's payments, and is looked up.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from agent_desk.dialer.strategy import CLASSES, ClassRow, Delinquency, Strategy
from agent_desk.services.actor import Actor
from agent_desk.services.lists.filters import COUNT_S, FilterService, next_span
from agent_desk.services.ports import Clock, Hub
from agent_desk.store.lists import saved_filters
from agent_desk.store.strategy import delinquency
from agent_desk.store.unit_of_work import Database

FIRST_SPAN, LONGEST_SPAN = 200, 2_000  # customers, whose payments are read


@dataclass(frozen=True)
class ClassOutlook:
    """One class, as it is and as it would be; the numbers are estimates unless `exact`.

    `limits_change`: how many may be called more or less often in a week.
    """

    before: ClassRow
    after: ClassRow
    customers: int
    limits_change: int
    exact: bool

    @property
    def left_to_ai(self) -> tuple[int, int]:
        """About how many of them the AI has, and would have."""
        return tuple(  # type: ignore[return-value]
            round(self.customers * row.ai_percent / 100) for row in (self.before, self.after)
        )

    @property
    def change_hands(self) -> int:
        """About how many go from people to the AI or back: a new version draws anew."""
        was, would = self.before.ai_percent / 100, self.after.ai_percent / 100
        return round(self.customers * (was * (1 - would) + (1 - was) * would))


@dataclass(frozen=True)
class _Payers:
    """Of each class and number of payments on time in succession, how many customers."""

    people: Counter[tuple[Delinquency, int]]
    exact: bool


class OutlookService:
    """Compares a table with the one in force; writes nothing."""

    def __init__(
        self, *, database: Database, filters: FilterService, clock: Clock, hub: Hub
    ) -> None:
        self._database = database
        self._filters = filters
        self._clock = clock
        self._hub = hub

    def of(self, now: Strategy, made: Strategy, *, actor: Actor) -> list[ClassOutlook]:
        """Each class in order of days."""
        payers = self._payers()
        found = []
        for code in CLASSES:
            is_in = {"field": "delinquency", "op": "is", "value": [code]}
            count = self._filters.count({"all": [is_in]}, actor=actor)
            found.append(
                ClassOutlook(
                    before=now.row(code),
                    after=made.row(code),
                    customers=count.customers,
                    limits_change=_limits_change(now, made, code, count.customers, payers),
                    exact=count.exact and payers.exact,
                )
            )
        return found

    def _payers(self) -> _Payers:
        with self._database.read() as session:
            last = saved_filters.last_customer(session)
        people: Counter[tuple[Delinquency, int]] = Counter()
        began = self._clock.monotonic()
        after, span = 0, FIRST_SPAN
        while after < last:
            upto = min(after + span, last)
            started = self._clock.monotonic()
            with self._database.read() as session:
                people.update(delinquency.payers(session, after=after, upto=upto))
            after, took = upto, self._clock.monotonic() - started
            if after < last and self._clock.monotonic() - began > COUNT_S:
                for each, seen in people.items():
                    people[each] = round(seen * last / after)
                return _Payers(people, exact=False)
            span = min(LONGEST_SPAN, next_span(span, took))
            self._hub.pause(0)
        return _Payers(people, exact=True)


def _limits_change(
    now: Strategy, made: Strategy, code: Delinquency, customers: int, payers: _Payers
) -> int:
    """Who paid nothing on time has the class's own limit; the payers are told from them."""

    def differs(run: int) -> bool:
        return now.weekly_limit(code, run) != made.weekly_limit(code, run)

    of_class = {run: people for (theirs, run), people in payers.people.items() if theirs == code}
    paying = min(customers, sum(of_class.values()))
    changed = sum(people for run, people in of_class.items() if differs(run))
    return min(customers, changed + (customers - paying if differs(0) else 0))
