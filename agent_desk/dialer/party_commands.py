"""What an operator does with a second party, and what the gateway tells of one.

Part of `commands.py` and `gateway_facts.py`, under whose names they are known.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from agent_desk.dialer.ids import CallId, SeatId


@dataclass(frozen=True)
class SendDigits:
    """Keys pressed towards the customer's side; what they were is kept nowhere."""

    seat_id: SeatId
    digits: str = field(repr=False)


@dataclass(frozen=True)
class CallNumber:
    """Ask a third number in; `blind`: and hand the call on without a word to it."""

    seat_id: SeatId
    party_id: str
    number: str = field(repr=False)  # E.164, judged by `services/seat/transfers.py`
    number_key: str
    shown: str
    caller_id: str
    blind: bool


@dataclass(frozen=True)
class CallColleague:
    """Ask another operator in; `blind`: and hand the call on without a word to them."""

    seat_id: SeatId
    party_id: str
    colleague: SeatId
    blind: bool


@dataclass(frozen=True)
class SetPartyMode:
    """Who hears whom: `consult` keeps the customer out with music, `conference` joins all three."""

    seat_id: SeatId
    mode: Literal["consult", "conference"]


@dataclass(frozen=True)
class HandOver:
    """The party has the call from now on, and the operator is out of it."""

    seat_id: SeatId


@dataclass(frozen=True)
class DropParty:
    """The party leaves: by the operator of the call, or a colleague by themselves."""

    seat_id: SeatId


@dataclass(frozen=True)
class PartyChanged:
    """The gateway's word on a party: `state` is dialing, ringing, joined or gone."""

    call_id: CallId
    party_id: str
    at: datetime
    state: str
    mode: str | None
    sip_code: int | None


@dataclass(frozen=True)
class PartyRefused:
    """The gateway would not do what was asked about a party; `error_id` is its own."""

    call_id: CallId
    party_id: str
    at: datetime
    error_id: str


@dataclass(frozen=True)
class CallReferred:
    """The carrier took the call over, or would not."""

    call_id: CallId
    at: datetime
    accepted: bool
    sip_code: int | None
