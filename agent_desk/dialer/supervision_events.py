"""What happened of a lead in somebody's call. Part of `events.py`, under whose name it is known.

Each use is a row from asking to its end, one a mode: who, whom, which call, how, from when, until
when, and why it ended. Instants are UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from agent_desk.dialer.ids import CallId, CampaignId, SeatId, UserId


@dataclass(frozen=True)
class SupervisionAsked:
    """A lead wants to do this in a call. `followed`: the tick box asked, at the call's begin."""

    part_id: str
    user_id: UserId
    seat_id: SeatId  # the operator
    call_id: CallId
    campaign_id: CampaignId
    mode: str
    followed: bool
    at: datetime


@dataclass(frozen=True)
class SupervisionBegan:
    """The leg does it now."""

    part_id: str
    at: datetime


@dataclass(frozen=True)
class SupervisionEnded:
    """It is over; `cause` is a stable code. One that never began has no instant of beginning."""

    part_id: str
    user_id: UserId
    call_id: CallId
    mode: str
    cause: str
    at: datetime


@dataclass(frozen=True)
class CallTakenOver:
    """The lead talks with the customer from now on, the operator is in wrap-up."""

    call_id: CallId
    user_id: UserId
    seat_id: SeatId  # the operator
    at: datetime
