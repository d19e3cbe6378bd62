"""A lead's own audio leg and whose call it is in: part of the floor, beside the seats.

It is no seat, so nothing that looks for seats can find it: it is never capacity, never offered a
call, and nobody's working time. Its `seat_id` is the lead's own name, under which the gateway knows
the leg.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from agent_desk.dialer.ids import CallId, CampaignId, GatewayId, SeatId, TeamId, UserId

SupervisionMode = Literal["listen", "whisper", "barge", "take_over"]
MODES: tuple[SupervisionMode, ...] = ("listen", "whisper", "barge", "take_over")
# The lead is heard by the operator, who is always told by whom.
AUDIBLE: frozenset[SupervisionMode] = frozenset({"whisper", "barge", "take_over"})


@dataclass(frozen=True)
class Part:
    """One mode of one use, from asking to its end: a row. `ordered`: the gateway was told."""

    part_id: str
    mode: SupervisionMode
    at: datetime
    ordered: bool = False


@dataclass(frozen=True)
class Supervised:
    """The call a lead is in, or is about to be. `now` runs, `asked` is to follow it.

    `left_at` is when the gateway said that the leg is out of the call; why, its next word tells.
    """

    call_id: CallId
    seat_id: SeatId  # the operator
    campaign_id: CampaignId
    since: datetime
    now: Part | None = None
    asked: Part | None = None
    left_at: datetime | None = None

    @property
    def mode(self) -> SupervisionMode:
        """What the lead wants to do: of one that was not carried out yet as well."""
        part = self.asked or self.now
        return "listen" if part is None else part.mode


@dataclass(frozen=True)
class Supervisor:
    """One lead. `teams` are those whose calls they may hear; None: every team's.

    `follow` is the seat whose next calls are listened to as well. `problem` is why the last use did
    not begin, or ended, against the lead's will: a stable code, "" for none.
    """

    seat_id: SeatId
    user_id: UserId
    teams: frozenset[TeamId] | None
    gateway_id: GatewayId | None = None
    media_up: bool = False
    supervised: Supervised | None = None
    follow: SeatId | None = None
    muted: bool = False
    held: bool = False  # the customer of a call that was taken over hears music
    problem: str = ""
    page_gone_at: datetime | None = None

    def may_hear(self, team_id: TeamId | None) -> bool:
        """Whether a seat of this team is in the lead's scope."""
        return self.teams is None or team_id in self.teams
