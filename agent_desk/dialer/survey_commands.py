"""How operators end a talk, with or without a question to the customer, and what comes of it.

Part of `commands.py` and `gateway_facts.py`, under whose names they are known.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from agent_desk.dialer.ids import CallId, CampaignId, GatewayId, SeatId


@dataclass(frozen=True)
class HangUp:
    """The operator ends the call; `skips_survey`: though the customer could have been asked."""

    seat_id: SeatId
    skips_survey: bool = False


@dataclass(frozen=True)
class HandToSurvey:
    """The talk is over: have the customer asked for a score."""

    seat_id: SeatId


@dataclass(frozen=True)
class ApprovePrompt:
    """Somebody heard a recording for customers and answers for it; `kind` is one of `survey.KINDS`.

    `sha256` is that of its file, "" to let none be played any more; `text` is what is said in it.
    """

    campaign_id: CampaignId
    kind: str
    sha256: str
    text: str
    duration_ms: int
    by: str


@dataclass(frozen=True)
class CustomerAnswered:
    """What came of a question: `key` is "" unless `outcome` is "answered"; else it is silent,
    wrong_key or hung_up. `tries`: how often it was asked."""

    call_id: CallId
    at: datetime
    key: str
    outcome: str
    tries: int


@dataclass(frozen=True)
class AskRefused:
    """The gateway would not ask; `error_id` is its own."""

    call_id: CallId
    gateway_id: GatewayId
    at: datetime
    error_id: str
