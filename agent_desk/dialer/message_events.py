"""Recordings customers and machines hear. Part of `events.py`, whose names these events bear."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from agent_desk.dialer.ids import CallId, CampaignId, CustomerId, UserId


@dataclass(frozen=True)
class CallPromptPlayed:
    """The gateway played a recording to the customer; `recording` is its file's SHA-256."""

    call_id: CallId
    prompt: str
    at: datetime
    recording: str = ""


@dataclass(frozen=True)
class MessageAsked:
    """An operator heard a machine, and had the recording left there."""

    call_id: CallId
    customer_id: CustomerId | None
    campaign_id: CampaignId
    user_id: UserId
    recording: str  # SHA-256 of its file
    at: datetime


@dataclass(frozen=True)
class MessageLeft:
    """What the machine was told of it."""

    call_id: CallId
    played_ms: int
    whole: bool
    at: datetime


@dataclass(frozen=True)
class MessageApproved:
    """A recording for answering machines was approved for a campaign, or (no hash) withdrawn."""

    campaign_id: CampaignId
    sha256: str
    text: str
    duration_ms: int
    by: str
    at: datetime
