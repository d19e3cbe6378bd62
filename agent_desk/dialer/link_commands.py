"""What is heard of a seat's page and leg, and which campaign the seat works on.

Part of `commands.py`, under whose name they are known.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from agent_desk.dialer.ids import CampaignId, GatewayId, SeatId, TeamId


@dataclass(frozen=True)
class WorkOn:
    """The operator changes to another campaign: to practise, or back to those of the team."""

    seat_id: SeatId
    campaign_id: CampaignId
    serves: frozenset[CampaignId] = frozenset()


@dataclass(frozen=True)
class Serve:
    """The campaigns of the seat's team are others now, or the team is (None: it is not); a call on
    the seat is served to its end."""

    seat_id: SeatId
    serves: frozenset[CampaignId]
    team_id: TeamId | None = None


@dataclass(frozen=True)
class PulseOfSeat:
    """One browser heartbeat: what the page knows of its microphone track."""

    seat_id: SeatId
    at: datetime
    track_live: bool
    track_unmuted: bool


@dataclass(frozen=True)
class ObservePulses:
    """The newest heartbeat of each seat since the last batch."""

    pulses: tuple[PulseOfSeat, ...]


@dataclass(frozen=True)
class MediaOfSeat:
    """One seat's leg as its gateway sees it. Ages in seconds."""

    seat_id: SeatId
    connected: bool
    consent_age_s: float
    loss: float
    jitter_ms: float


@dataclass(frozen=True)
class ObserveMedia:
    """The gateway's one message a second."""

    gateway_id: GatewayId
    at: datetime
    seats: tuple[MediaOfSeat, ...]
    overloaded: bool = False
    draining: bool = False
