"""What happened with a call's second party. Part of `events.py`, under whose name they are known.

Instants are UTC.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from agent_desk.dialer.ids import CallId, SeatId, UserId


@dataclass(frozen=True)
class PartyAsked:
    """A colleague (`seat_id`), or a third number, is called into the call."""

    call_id: CallId
    party_id: str
    user_id: UserId
    seat_id: SeatId | None
    number: str = field(repr=False)  # E.164; "" for a colleague
    number_key: str
    blind: bool
    at: datetime
    caller_id: str = ""  # the number a third number is to see


@dataclass(frozen=True)
class PartyMoved:
    """`state`: joined, conference, consult; or how it ended: gone, handed, refused, carrier."""

    call_id: CallId
    party_id: str
    state: str
    ended: bool
    cause: str
    at: datetime


@dataclass(frozen=True)
class DigitsSent:
    """Keys were pressed towards the customer's side: how many, not which."""

    call_id: CallId
    user_id: UserId
    count: int
    at: datetime
