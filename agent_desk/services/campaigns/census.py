"""Who is there for each campaign, and which calls it has: the floor gone through once for all.

A floor is never changed, so what was counted holds for as long as it is the floor.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from agent_desk.dialer.floor import Call, Floor
from agent_desk.dialer.ids import CampaignId
from agent_desk.dialer.seats import FREE
from agent_desk.dialer.sharing import Serves, campaigns_of


@dataclass(frozen=True)
class Crowd:
    """One campaign's seats, counted by state, and its calls."""

    seats: Mapping[str, int] = field(default_factory=Counter)
    calls: tuple[Call, ...] = ()


NOBODY = Crowd()


class Census:
    """Counts a floor when it is asked about it for the first time."""

    def __init__(self) -> None:
        self._floor: Floor | None = None
        self._crowds: Mapping[CampaignId, Crowd] = {}
        self._kinds: frozenset[Serves] = frozenset()

    def of(self, floor: Floor, campaign_id: CampaignId) -> Crowd:
        """Between two calls a seat is there for all it serves, with one for the call's campaign."""
        self._look_at(floor)
        return self._crowds.get(campaign_id, NOBODY)

    def beside(self, floor: Floor, campaign_id: CampaignId) -> list[CampaignId]:
        """The other campaigns that run on the seats of this one."""
        self._look_at(floor)
        others = {other for kind in self._kinds if campaign_id in kind for other in kind}
        others.discard(campaign_id)
        return [each for each in sorted(others) if floor.campaigns[each].running == "running"]

    def _look_at(self, floor: Floor) -> None:
        if floor is not self._floor:
            self._floor, self._crowds = floor, _counted(floor)
            self._kinds = frozenset(campaigns_of(seat) for seat in floor.seats.values())


def _counted(floor: Floor) -> dict[CampaignId, Crowd]:
    seats: dict[CampaignId, Counter[str]] = defaultdict(Counter)
    calls: dict[CampaignId, list[Call]] = defaultdict(list)
    for seat in floor.seats.values():
        there_for = campaigns_of(seat) if seat.state in FREE else (seat.campaign_id,)
        for campaign_id in there_for:
            seats[campaign_id][seat.state.value] += 1
    for call in floor.calls.values():
        calls[call.campaign_id].append(call)
    return {
        campaign_id: Crowd(seats[campaign_id], tuple(calls[campaign_id]))
        for campaign_id in seats.keys() | calls.keys()
    }
