"""What leads and administrators changed of a campaign while people are calling.

Part of `events.py`, under whose name they are known.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from agent_desk.dialer.ids import CampaignId


@dataclass(frozen=True)
class CampaignRunningSet:
    """A campaign was started, paused, drained or stopped. `by` is a username."""

    campaign_id: CampaignId
    running: str
    at: datetime
    by: str = ""


@dataclass(frozen=True)
class PacingSet:
    """A campaign's mode and ratio were changed."""

    campaign_id: CampaignId
    mode: str
    ratio: float
    at: datetime


@dataclass(frozen=True)
class AbandonTargetSet:
    """The share of live answers a campaign's pacer may have abandoned was changed."""

    campaign_id: CampaignId
    target: float
    at: datetime


@dataclass(frozen=True)
class SafeHarbourApproved:
    """A recording for a campaign's abandoned calls was approved, by a username."""

    campaign_id: CampaignId
    sha256: str
    text: str
    duration_ms: int
    by: str
    at: datetime


@dataclass(frozen=True)
class ScreeningSet:
    """A campaign's screening of answers was changed."""

    campaign_id: CampaignId
    screening: str
    at: datetime
