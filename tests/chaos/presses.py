"""What an operator of the call centre pressed, and all that their page was ever told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from agent_desk.dialer.ids import SeatId
from agent_desk.services.running.group_commit import Reply


@dataclass
class Press:
    """One press of a button; its id stays the same however often it is sent."""

    command_id: str
    name: str
    call_id: str | None
    by: SeatId
    value: Any = None
    reply: Reply | None = None


@dataclass
class Page:
    """One operator: what their page does, and all it was ever told."""

    seat_id: SeatId
    user_id: int
    speaks: bool = True  # heartbeats leave
    microphone: bool = True
    heard_at: datetime | None = None  # the newest heartbeat a living desk has taken in
    heard_microphone: bool = False
    acknowledged: list[Press] = field(default_factory=list)
    unanswered: Press | None = None
