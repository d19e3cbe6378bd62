"""What leads and administrators set of a campaign while people are calling.

Part of `commands.py`, under whose name they are known.
"""

from __future__ import annotations

from dataclasses import dataclass

from agent_desk.dialer.floor import InFlight, Mode, Running, Screening
from agent_desk.dialer.ids import CampaignId


@dataclass(frozen=True)
class SetCampaignRunning:
    """Start, pause (no new calls), drain (no new calls, seats finish) or stop a campaign.

    `by` is a username; `in_flight` matters when it is stopped.
    """

    campaign_id: CampaignId
    running: Running
    by: str = ""
    in_flight: InFlight = "finish"


@dataclass(frozen=True)
class StopCampaigns:
    """The kill switch: stop all of these at once, or none (R59)."""

    campaign_ids: tuple[CampaignId, ...]
    by: str
    in_flight: InFlight


@dataclass(frozen=True)
class SetScreening:
    """Whether answering machines are looked for, and what is done with one; from the next call."""

    campaign_id: CampaignId
    screening: Screening


@dataclass(frozen=True)
class SetPacing:
    """Mode and ratio, 1.0–5.0: lines per idle proven-ready seat; predictive: the most lines per
    seat expected free within the ring time."""

    campaign_id: CampaignId
    mode: Mode
    ratio: float


@dataclass(frozen=True)
class SetAbandonTarget:
    """The share of live answers the pacer may have abandoned, 0.0–0.03."""

    campaign_id: CampaignId
    target: float


@dataclass(frozen=True)
class ApproveSafeHarbour:
    """Somebody heard the recording for abandoned calls and answers for it (R21).

    `sha256` is that of the file the gateways play, `text` what is said in it, `by` a username.
    """

    campaign_id: CampaignId
    sha256: str
    text: str
    duration_ms: int
    by: str
