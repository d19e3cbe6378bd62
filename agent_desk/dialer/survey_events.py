"""Customers asked for a score. Part of `events.py`, whose names these events bear."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from agent_desk.dialer.ids import CallId, CampaignId, CustomerId, UserId


@dataclass(frozen=True)
class ScoreAsked:
    """A customer who was drawn is being asked; or (`skipped`) the operator ended the call without.

    `question` is the SHA-256 of what is asked, `user_id` whose talk it was.
    """

    call_id: CallId
    customer_id: CustomerId | None
    campaign_id: CampaignId
    user_id: UserId
    question: str
    skipped: bool
    at: datetime


@dataclass(frozen=True)
class ScoreGiven:
    """What came of it: a score (`outcome` "answered"), or none and why."""

    call_id: CallId
    score: int | None
    outcome: str
    tries: int
    at: datetime


@dataclass(frozen=True)
class PromptApproved:
    """A recording for customers was approved for a campaign, or (no hash) withdrawn."""

    campaign_id: CampaignId
    kind: str
    sha256: str
    text: str
    duration_ms: int
    by: str
    at: datetime


@dataclass(frozen=True)
class LineFreed:
    """A call that was over for us has left its line: a machine had been told something, a customer
    been asked, or handed to a number outside."""

    call_id: CallId
    at: datetime
