"""What an operator can do that not everybody can, given or taken while they work.

Command and event; part of `commands.py` and `events.py`, under whose names they are known.
`skills.py` decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from agent_desk.dialer.ids import SeatId, UserId


@dataclass(frozen=True)
class SetSkill:
    """From the next offer on. One skill at a time: two leads at once then both have their way."""

    seat_id: SeatId
    skill: str
    on: bool
    by: SeatId  # who gives or takes it


@dataclass(frozen=True)
class SkillSet:
    """A lead gave an operator a skill, or took it."""

    seat_id: SeatId
    user_id: UserId
    skill: str
    on: bool
    by: SeatId
    at: datetime
