"""Contacts, valid calls and promises of today by campaign, for the screens on the wall.

Read from the rows, so that corrections and each campaign's own word on valid calls are in them;
only while a screen is there to show them, once a second, and so that counting takes no more than
one part in twenty of the time.
"""

from __future__ import annotations

from collections.abc import Mapping

from agent_desk.dialer.business_time import at, business_date
from agent_desk.dialer.ids import CampaignId
from agent_desk.services.ports import Clock
from agent_desk.store.bulk_rows import Aside, here
from agent_desk.store.campaigns import day_counts
from agent_desk.store.unit_of_work import Database

SOONEST_S = 0.9  # after the last count
PART = 20
OLD_S = 2.0  # whoever comes then is not shown the last count but a new one


class DayCounts:
    """The newest count."""

    def __init__(self, *, database: Database, clock: Clock, aside: Aside) -> None:
        self._database = database
        self._clock = clock
        self._aside = aside
        self._of: Mapping[int, Mapping[str, int]] = {}
        self._counted_at: float | None = None  # monotonic, as the next is
        self._next_at = 0.0

    def step(self, *, watched: bool) -> bool:
        """Count, if it is time to and somebody looks; whether anything is another."""
        begun = self._clock.monotonic()
        if begun < self._next_at or not watched:
            return False
        before = self._of
        self._count(self._aside)
        ended = self._clock.monotonic()
        self._next_at = ended + max(SOONEST_S, PART * (ended - begun))
        return self._of != before

    def of(self, campaign_id: CampaignId) -> Mapping[str, int]:
        """By code; `promises` are those made and not taken back."""
        now = self._clock.monotonic()
        if self._counted_at is None or (now - self._counted_at > OLD_S and now > self._next_at):
            self._count(here)
        return self._of.get(int(campaign_id), {})

    def _count(self, aside: Aside) -> None:
        midnight = at(business_date(self._clock.now()), 0)
        with self._database.read() as session:
            self._of = day_counts.since(session, midnight, aside)
        self._counted_at = self._clock.monotonic()
