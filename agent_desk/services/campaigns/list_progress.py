"""How far the lists of each campaign have come, kept for the leads' panels.

Counting goes through every entry, so it is done by a timer for all who look, and as often as it
takes no more than one part in a hundred of the time: every few seconds for some thousand entries,
every few minutes for a million.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from agent_desk.dialer.ids import CampaignId
from agent_desk.services.ports import Clock
from agent_desk.services.running.campaign_facts import CampaignFacts
from agent_desk.store.bulk_rows import Aside
from agent_desk.store.lists import progress
from agent_desk.store.lists.progress import CalledList
from agent_desk.store.unit_of_work import Database

SOONEST_S = 3.0  # after the last count
PART = 100  # counting takes one of so many seconds


class ListProgress:
    """The newest count."""

    def __init__(self, *, database: Database, clock: Clock, aside: Aside) -> None:
        self._database = database
        self._clock = clock
        self._aside = aside
        self._of: dict[CampaignId, tuple[CalledList, ...]] = {}
        self._next_at = 0.0  # monotonic

    def step(self) -> bool:
        """Count, if it is time to; whether anything is another."""
        begun = self._clock.monotonic()
        if begun < self._next_at:
            return False
        before = self._of
        self.count()
        ended = self._clock.monotonic()
        self._next_at = ended + max(SOONEST_S, PART * (ended - begun))
        return self._of != before

    def count(self) -> None:
        """Count now."""
        with self._database.read() as session:
            lists = progress.called_lists(session, self._clock.now(), self._aside)
        by_campaign: dict[CampaignId, list[CalledList]] = defaultdict(list)
        for each in lists:
            by_campaign[each.campaign_id].append(each)
        self._of = {campaign_id: tuple(rows) for campaign_id, rows in by_campaign.items()}

    def of(self, campaign_id: CampaignId) -> Sequence[CalledList]:
        """The lists a campaign calls, in the order of their rank."""
        return self._of.get(campaign_id, ())


def within_hours(called: CalledList, facts: CampaignFacts) -> dict[str, Any]:
    """What of a list may be called now and when the next one may, by the campaign's hours too.

    Of a campaign of which nothing may be called, nothing of its lists may.
    """
    if called.paused or called.next_at is None:
        return {"dialable": 0, "next_due_at": None}
    if facts.dialable == 0:
        opens = facts.next_due_at
        return {"dialable": 0, "next_due_at": max(called.next_at, opens) if opens else None}
    return {"dialable": called.due, "next_due_at": called.next_at}
