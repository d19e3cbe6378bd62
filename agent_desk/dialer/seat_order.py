"""What a lead ordered for somebody's seat: it waits for the call in hand and never cuts it.

Commands, events and the order itself; part of `commands.py` and `events.py`, under whose names
they are known. `seat_orders.py` decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from agent_desk.dialer.ids import CallId, CampaignId, SeatId, UserId

What = Literal["away", "available", "logout", "work_on"]
How = Literal["done", "failed", "cancelled", "replaced", "closed"]


@dataclass(frozen=True)
class SeatOrder:
    """One order. `done` ones stay on the seat until its next move, so that everybody sees why it
    is where it is. `campaigns`: the first is the one to begin with; `note`: why, in the lead's
    own words."""

    order_id: str
    what: What
    by: SeatId  # the lead
    at: datetime
    reason: str | None = None  # of away
    campaigns: tuple[CampaignId, ...] = ()  # of work_on
    note: str = ""
    done: bool = False


@dataclass(frozen=True)
class OrderSeat:
    """After the call and its wrap-up; with `now`, at once or not at all."""

    seat_id: SeatId
    order: SeatOrder
    now: bool = False


@dataclass(frozen=True)
class CancelOrder:
    """A lead takes back what waits for the end of the call."""

    seat_id: SeatId
    by: SeatId


@dataclass(frozen=True)
class FinishWrapUp:
    """A lead ends somebody's wrap-up: the draft is kept, the result is unrecorded."""

    seat_id: SeatId
    by: SeatId
    note: str = ""


@dataclass(frozen=True)
class SeatOrdered:
    """A lead ordered this."""

    seat_id: SeatId
    user_id: UserId
    order: SeatOrder
    call_id: CallId | None  # whose end it waits for
    at: datetime


@dataclass(frozen=True)
class SeatOrderEnded:
    """It was carried out, could not be, was taken back or replaced (`by`), or the seat closed."""

    seat_id: SeatId
    user_id: UserId
    order: SeatOrder
    how: How
    by: SeatId | None
    at: datetime


@dataclass(frozen=True)
class WrapUpFinished:
    """A lead ended this wrap-up."""

    seat_id: SeatId
    user_id: UserId
    call_id: CallId
    by: SeatId
    note: str
    at: datetime
