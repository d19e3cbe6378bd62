"""Campaigns that share seats: which lines are on their way to which seats, and who can have which.

A seat serves all campaigns of its team, and teams may have some campaigns in common and others
not. Whether every line on its way has a seat of its own is then a question of matching: a line of
one campaign may have to leave the seat it could take to a line that can take no other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from agent_desk.dialer.calls import IN_FLIGHT
from agent_desk.dialer.floor import Call, Seat, SeatState
from agent_desk.dialer.ids import CampaignId

Serves = frozenset[CampaignId]


def served(lines: Mapping[CampaignId, int], seats: Mapping[Serves, int]) -> int:
    """How many of these lines can have a seat each, at most; seats are told by whom they serve."""
    room, held = dict(seats), {serves: Counter[CampaignId]() for serves in seats}

    def place(campaign_id: CampaignId, tried: set[Serves]) -> bool:
        """Give one line more a seat, moving others to other seats if need be."""
        for serves in room:
            if campaign_id not in serves or serves in tried:
                continue
            tried.add(serves)
            if room[serves] > 0:
                room[serves] -= 1
                held[serves][campaign_id] += 1
                return True
            for other, count in list(held[serves].items()):
                if count and other != campaign_id and place(other, tried):
                    held[serves][other] -= 1
                    held[serves][campaign_id] += 1
                    return True
        return False

    found = 0
    for campaign_id, count in lines.items():
        for _ in range(count):
            if not place(campaign_id, set()):
                break  # nor is there one for the next of the same campaign
            found += 1
    return found


def on_their_way(calls: Iterable[Call]) -> Counter[CampaignId]:
    """Lines to no particular seat yet, by campaign."""
    return Counter(
        call.campaign_id
        for call in calls
        if call.state in IN_FLIGHT
        and call.seat_id is None
        and call.ending_at is None
        and not call.preview
    )


def campaigns_of(seat: Seat) -> Serves:
    """The campaigns whose calls the seat may be offered."""
    serves = seat.serves if seat.campaign_id in seat.serves else seat.serves | {seat.campaign_id}
    return serves - seat.lacks if seat.lacks else serves


def works_for(seat: Seat, campaign_id: CampaignId) -> bool:
    """Whether calls of this campaign may be offered to the seat."""
    return campaign_id not in seat.lacks and (
        campaign_id == seat.campaign_id or campaign_id in seat.serves
    )


def least_missed(
    call: Call, seats: Collection[Seat], calls: Iterable[Call], now: datetime
) -> list[set[Serves]]:
    """Which kinds of seat `call` may take, those whose loss leaves most other lines a seat first.

    One of the first kinds is right; the others are for when none of those can be reached.
    """
    kinds = {
        campaigns_of(seat)
        for seat in seats
        if seat.state is SeatState.AVAILABLE and works_for(seat, call.campaign_id)
    }
    if len(kinds) < 2:
        return [kinds]
    ready = Counter(campaigns_of(seat) for seat in seats if seat.proven_ready(now))
    others = on_their_way(other for other in calls if other.call_id != call.call_id)
    left: dict[int, set[Serves]] = {}
    for kind in kinds:
        left.setdefault(served(others, ready - Counter({kind: 1})), set()).add(kind)
    return [left[most] for most in sorted(left, reverse=True)]
