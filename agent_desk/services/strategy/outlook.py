"""What another table would mean, before it is made: how many customers of each class it concerns.

Counting gives everybody else their turn (`services/lists/filters.py`), so it may be asked in the
middle of a working day. Who is drawn for whom is not counted customer by customer: the draw spreads
each list evenly (`dialer/strategy.py`), so a class and two shares tell it to within a few people.
"""

from __future__ import annotations

from dataclasses import dataclass

from agent_desk.dialer.strategy import CLASSES, ClassRow, Strategy
from agent_desk.services.actor import Actor
from agent_desk.services.lists.filters import FilterService


@dataclass(frozen=True)
class ClassOutlook:
    """One class, as it is and as it would be; `customers` is an estimate unless `exact`."""

    before: ClassRow
    after: ClassRow
    customers: int
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


def outlook(
    filters: FilterService, now: Strategy, made: Strategy, *, actor: Actor
) -> list[ClassOutlook]:
    """Each class in order of days, with the actor's customers in it."""
    found = []
    for code in CLASSES:
        is_in = {"field": "delinquency", "op": "is", "value": [code]}
        count = filters.count({"all": [is_in]}, actor=actor)
        found.append(ClassOutlook(now.row(code), made.row(code), count.customers, count.exact))
    return found
