"""What a lead does in somebody's call, and what the gateway tells of it.

Part of `commands.py` and `gateway_facts.py`, under whose names they are known. `lead` is the seat
id of the lead's own leg.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from agent_desk.dialer.ids import CallId, SeatId, TeamId, UserId
from agent_desk.dialer.supervisor import SupervisionMode


@dataclass(frozen=True)
class OpenSupervisor:
    """The lead is about to make a leg. `teams`: whose calls they may hear, None for everybody's."""

    lead: SeatId
    user_id: UserId
    teams: frozenset[TeamId] | None


@dataclass(frozen=True)
class AttendFloor:
    """A page of the lead is there (again), with this scope."""

    lead: SeatId
    teams: frozenset[TeamId] | None


@dataclass(frozen=True)
class LeaveFloor:
    """No page of the lead is there any more."""

    lead: SeatId


@dataclass(frozen=True)
class Supervise:
    """Into the call of this seat, or another mode there. `part_id` names the row of this use."""

    lead: SeatId
    seat_id: SeatId
    mode: SupervisionMode
    part_id: str


@dataclass(frozen=True)
class FollowSeat:
    """Listen to the next calls of the seat as well, or (`on` false) no more."""

    lead: SeatId
    on: bool


@dataclass(frozen=True)
class MuteSupervisor:
    """The lead's own microphone."""

    lead: SeatId
    on: bool


@dataclass(frozen=True)
class HoldTaken:
    """Hold music to the customer of the call the lead has taken over, or the talk again."""

    lead: SeatId
    on: bool


@dataclass(frozen=True)
class StopSupervising:
    """Out of the call, and no further ones. Who has taken the call over ends it."""

    lead: SeatId


@dataclass(frozen=True)
class SupervisionChanged:
    """The gateway's word: the leg does this in the call now; None: it is out."""

    call_id: CallId
    lead: SeatId
    at: datetime
    mode: SupervisionMode | None


@dataclass(frozen=True)
class SupervisionRefused:
    """The gateway would not do what was asked; `error_id` is its own."""

    call_id: CallId
    lead: SeatId
    at: datetime
    mode: SupervisionMode
    error_id: str
