"""What operators and administrators ask of messages for machines, and what the gateway tells.

Part of `commands.py` and `gateway_facts.py`, under whose names they are known.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from agent_desk.dialer.ids import CallId, CampaignId, GatewayId, SeatId


@dataclass(frozen=True)
class LeaveMessage:
    """An answering machine: say the campaign's recording to it."""

    seat_id: SeatId


@dataclass(frozen=True)
class ApproveMessage:
    """Somebody heard the recording for answering machines and answers for it.

    `sha256` is that of its file, "" to let none be left any more; `text` is what is said in it.
    """

    campaign_id: CampaignId
    sha256: str
    text: str
    duration_ms: int
    by: str


@dataclass(frozen=True)
class MessageLeft:
    """What the machine was told: all of it (`whole`), or so much."""

    call_id: CallId
    at: datetime
    played_ms: int
    whole: bool


@dataclass(frozen=True)
class MessageRefused:
    """The gateway would not leave the message; `error_id` is its own."""

    call_id: CallId
    gateway_id: GatewayId
    at: datetime
    error_id: str
