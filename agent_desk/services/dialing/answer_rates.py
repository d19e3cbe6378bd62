"""How often people answer, per campaign: live answers of the attempts that ended, kept in memory.

応答率 = attempts of ours a person answered ÷ attempts of ours that ended and whose INVITE left,
over the last 60 minutes and over today in Japan. An attempt belongs to the minute it ended in, so
one that still rings is in neither figure. Read from the rows at start, then each committed event
adds its part: the day's rows are too many to be counted whenever a lead looks.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from agent_desk.dialer.business_time import business_date
from agent_desk.dialer.events import CallFinished, Event
from agent_desk.dialer.ids import CampaignId
from agent_desk.dialer.outcomes import Outcome

HOUR = timedelta(minutes=60)
# These never were calls: the INVITE did not leave.
NEVER_LEFT = frozenset({Outcome.NOT_PLACED.value, Outcome.SKIPPED.value})


@dataclass(frozen=True)
class Answered:
    """Attempts that ended in a window, and how many of them a person answered."""

    attempts: int = 0
    live: int = 0

    def __add__(self, other: Answered) -> Answered:
        return Answered(self.attempts + other.attempts, self.live + other.live)


@dataclass
class _OfCampaign:
    """`minutes` are those of the last hour, oldest first; `today` begins anew at midnight."""

    day: date
    today: Answered = Answered()
    minutes: deque[tuple[datetime, Answered]] = field(default_factory=deque)

    def forget(self, now: datetime) -> None:
        if business_date(now) != self.day:
            self.day, self.today = business_date(now), Answered()
        while self.minutes and self.minutes[0][0] <= now - HOUR:
            self.minutes.popleft()


class AnswerRates:
    """The figures of every campaign."""

    def __init__(self) -> None:
        self._of: dict[CampaignId, _OfCampaign] = {}

    def restore(self, rows: Iterable[tuple[CampaignId, datetime, int, int]], now: datetime) -> None:
        """Add what was before: campaign, minute, attempts, live answers; in order of time."""
        for campaign_id, minute, attempts, live in rows:
            self._add(campaign_id, minute, Answered(attempts, live), now)

    def apply(self, events: Sequence[Event], now: datetime) -> None:
        """Add committed events."""
        for event in events:
            if isinstance(event, CallFinished) and _left(event):
                minute = event.at.replace(second=0, microsecond=0)
                answered = Answered(1, int(event.live_answer))
                self._add(event.campaign_id, minute, answered, now)

    def last_hour(self, campaign_id: CampaignId, now: datetime) -> Answered:
        """Of the last 60 minutes, whole minutes at their beginning."""
        kept = self._kept(campaign_id, now)
        return sum((answered for _, answered in kept.minutes), Answered())

    def today(self, campaign_id: CampaignId, now: datetime) -> Answered:
        """Since midnight in Japan."""
        return self._kept(campaign_id, now).today

    def _kept(self, campaign_id: CampaignId, now: datetime) -> _OfCampaign:
        kept = self._of.setdefault(campaign_id, _OfCampaign(business_date(now)))
        kept.forget(now)
        return kept

    def _add(
        self, campaign_id: CampaignId, minute: datetime, answered: Answered, now: datetime
    ) -> None:
        kept = self._kept(campaign_id, now)
        if business_date(minute) == kept.day:
            kept.today += answered
        if minute <= now - HOUR:
            return
        if kept.minutes and kept.minutes[-1][0] >= minute:  # ends are told a little out of order
            minute, before = kept.minutes.pop()
            answered += before
        kept.minutes.append((minute, answered))


def _left(event: CallFinished) -> bool:
    return not event.inbound and event.outcome not in NEVER_LEFT
