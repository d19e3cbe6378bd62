"""How often people answer, per campaign: live answers of the attempts that ended, kept in memory.

応答率 = attempts of ours a person answered ÷ attempts of ours that ended and whose INVITE left,
over the last 60 seconds, 15 minutes and 60 minutes and over today in Japan. An attempt belongs to
the minute it ended in (of the last 60 seconds: to the five seconds), so one that still rings is in
no figure. Read from the rows at start, then each committed event adds its part: the day's rows are
too many to be counted whenever a lead looks.
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
QUARTER = timedelta(minutes=15)
NOW = timedelta(seconds=60)
MOMENT_S = 5
# These never were calls: the INVITE did not leave.
NEVER_LEFT = frozenset({Outcome.NOT_PLACED.value, Outcome.SKIPPED.value})


@dataclass(frozen=True)
class Answered:
    """Attempts that ended in a window, and how many of them a person answered."""

    attempts: int = 0
    live: int = 0

    def __add__(self, other: Answered) -> Answered:
        return Answered(self.attempts + other.attempts, self.live + other.live)


class _Sliding:
    """Counts of slots, oldest first, no older than `span`."""

    def __init__(self, span: timedelta) -> None:
        self._span = span
        self._slots: deque[tuple[datetime, Answered]] = deque()

    def add(self, slot: datetime, answered: Answered, now: datetime) -> None:
        """Count them in the slot that begins then."""
        if slot <= now - self._span:
            return
        if self._slots and self._slots[-1][0] >= slot:  # ends are told a little out of order
            slot, before = self._slots.pop()
            answered += before
        self._slots.append((slot, answered))

    def last(self, within: timedelta, now: datetime) -> Answered:
        """Of the slots that began within that time."""
        while self._slots and self._slots[0][0] <= now - self._span:
            self._slots.popleft()
        attempts = live = 0
        for slot, answered in reversed(self._slots):
            if slot <= now - within:
                break
            attempts += answered.attempts
            live += answered.live
        return Answered(attempts, live)


@dataclass
class _OfCampaign:
    """`today` begins anew at midnight; what slides does not mind it."""

    day: date
    today: Answered = Answered()
    minutes: _Sliding = field(default_factory=lambda: _Sliding(HOUR))
    moments: _Sliding = field(default_factory=lambda: _Sliding(NOW))

    def forget(self, now: datetime) -> None:
        if business_date(now) != self.day:
            self.day, self.today = business_date(now), Answered()


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
                second = event.at.replace(microsecond=0)
                answered = Answered(1, int(event.live_answer))
                self._add(event.campaign_id, second.replace(second=0), answered, now)
                moment = second.replace(second=second.second // MOMENT_S * MOMENT_S)
                self._kept(event.campaign_id, now).moments.add(moment, answered, now)

    def just_now(self, campaign_id: CampaignId, now: datetime) -> Answered:
        """Of the last 60 seconds; what was before a restart is not known."""
        return self._kept(campaign_id, now).moments.last(NOW, now)

    def last_quarter(self, campaign_id: CampaignId, now: datetime) -> Answered:
        """Of the last 15 minutes, whole minutes at their beginning."""
        return self._kept(campaign_id, now).minutes.last(QUARTER, now)

    def last_hour(self, campaign_id: CampaignId, now: datetime) -> Answered:
        """Of the last 60 minutes, whole minutes at their beginning."""
        return self._kept(campaign_id, now).minutes.last(HOUR, now)

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
        kept.minutes.add(minute, answered, now)


def _left(event: CallFinished) -> bool:
    return not event.inbound and event.outcome not in NEVER_LEFT
