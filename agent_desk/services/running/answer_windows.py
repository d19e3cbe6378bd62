"""Answers of the last 24 hours and 30 days, exact to the microsecond, counted each minute.

A month of a busy centre is more than a million outcomes, too many to read again each minute. Hours
that are over for long are counted once and kept; read again are the hours since, and the two in
which a window's edge lies.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from agent_desk.dialer.floor import Answers
from agent_desk.dialer.ids import CampaignId
from agent_desk.store.campaigns import answer_counts
from agent_desk.store.campaigns.answer_counts import HOUR, Counted, hour_of
from agent_desk.store.unit_of_work import Database, Session

DAY, MONTH = timedelta(hours=24), timedelta(days=30)
# An outcome is heard of within minutes; one that comes later than this was none of a live call.
SETTLED_AFTER = 3 * HOUR
TICK = timedelta(microseconds=1)  # hours begin with their first instant, windows after theirs


class AnswerWindows:
    """What `store.campaigns.campaigns.answers` counts, without reading it all each time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._settled: Counted = {}
        self._until: datetime | None = None  # hours before it are in `_settled`

    def count(self, now: datetime) -> Mapping[CampaignId, Answers]:
        """For every campaign; what lies ahead of `now` is counted too."""
        with self._database.read() as session:
            ids = answer_counts.campaign_ids(session)
            settled = self._settle(session, ids, now)
            newest = answer_counts.per_hour(session, ids, after=settled - TICK)
            day = self._from(session, ids, now - DAY)
            month = self._from(session, ids, now - MONTH)
        found = {}
        for each in ids:
            live, abandoned = _sum(newest, each)
            of_day, of_month = _sum(day, each), _sum(month, each)
            found[CampaignId(each)] = Answers(
                live_24h=live + of_day[0],
                abandoned_24h=abandoned + of_day[1],
                live_30d=live + of_month[0],
                abandoned_30d=abandoned + of_month[1],
            )
        return found

    def _settle(self, session: Session, ids: list[int], now: datetime) -> datetime:
        """Count the hours that are over for long; the first instant that is not."""
        first = hour_of(now - MONTH)
        begin = first if self._until is None else self._until
        until = max(begin, hour_of(now - SETTLED_AFTER))
        if until > begin:
            self._settled |= answer_counts.per_hour(
                session, ids, after=begin - TICK, until=until - TICK
            )
        self._settled = {key: value for key, value in self._settled.items() if key[1] >= first}
        self._until = until
        return until

    def _from(self, session: Session, ids: list[int], edge: datetime) -> Counted:
        """What is settled after the edge of a window: the rest of its hour, and those after it."""
        whole = hour_of(edge) + HOUR
        counted = {key: value for key, value in self._settled.items() if key[1] >= whole}
        return counted | answer_counts.per_hour(session, ids, after=edge, until=whole - TICK)


def _sum(counted: Counted, campaign_id: int) -> tuple[int, int]:
    own = [value for (whose, _), value in counted.items() if whose == campaign_id]
    return sum(live for live, _ in own), sum(abandoned for _, abandoned in own)
