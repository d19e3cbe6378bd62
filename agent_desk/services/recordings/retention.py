"""How long a recording is kept (rule R51): a pure function, asked by worker and desk alike.

Collections: the record of negotiations is kept ten years from the end of the debt (貸金業法19条,
施行規則17条), and so is its recording; while a debt is open, or when none is known, there is no end
yet. Everything else: one year. A campaign may keep its recordings longer, never shorter.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from agent_desk.store.records.recordings import Held

COLLECTIONS_YEARS = 10
OTHER_YEARS = 1
SHORTEST_YEARS = min(COLLECTIONS_YEARS, OTHER_YEARS)


@dataclass(frozen=True)
class Retention:
    """By which rule a recording is kept, and until when; None: nobody can say yet."""

    rule: str
    delete_after: datetime | None

    def over(self, now: datetime) -> bool:
        """Whether it may, and must, be deleted."""
        return self.delete_after is not None and now >= self.delete_after


def retention(held: Held) -> Retention:
    """What applies to this recording."""
    wished = held.recording_years or 0
    if held.kind != "collections":
        years = max(OTHER_YEARS, wished)
        return Retention(_rule(held, years), years_later(held.started_at, years))
    years = max(COLLECTIONS_YEARS, wished)
    rule = _rule(held, years)
    if not held.has_debts or held.debts_ended_at is None:
        return Retention(rule, None)
    return Retention(rule, years_later(max(held.debts_ended_at, held.started_at), years))


def years_later(instant: datetime, years: int) -> datetime:
    """The same day so many years later; after 29 February the first of March."""
    try:
        return instant.replace(year=instant.year + years)
    except ValueError:
        return instant.replace(year=instant.year + years, month=3, day=1)


def _rule(held: Held, years: int) -> str:
    since = "debt end" if held.kind == "collections" else "call"
    return f"R51 {held.kind} {years}y from {since}"
