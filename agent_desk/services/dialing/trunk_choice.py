"""Which trunk of which gateway takes the next call: pure.

The lowest priority that has room is used; within it calls are dealt out by weight, smoothly and not
by lot: each trunk gains its weight, the one with most goes and pays the sum, so that weights 3 and
1 give a-a-b-a and not a-a-a-b. Of the gateways that carry the trunk the one with most room takes
it. What lines are left is counted per gateway and trunk, as the shares were given out: the sum over
the gateways never exceeds what the contract allows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from agent_desk.dialer.floor import CallState, Floor
from agent_desk.dialer.ids import GatewayId, TrunkId

Room = dict[tuple[GatewayId, TrunkId], int]
IN_FLIGHT = frozenset(CallState) - {CallState.ENDED}


@dataclass(frozen=True)
class Rank:
    """Of one trunk: lower priorities come first, calls of one priority are split by weight."""

    priority: int = 1
    weight: int = 1


@dataclass(frozen=True)
class Spot:
    """Room for one call."""

    trunk_id: TrunkId
    gateway_id: GatewayId


@dataclass(frozen=True)
class Dealt:
    """The spots found, and where dealing stands: hand `standing` to the next deal."""

    spots: tuple[Spot, ...]
    standing: Mapping[TrunkId, int] = field(default_factory=dict)


def room_of(floor: Floor) -> Room:
    """The lines left on each usable trunk of each gateway that takes calls."""
    room: Room = {
        (gateway.gateway_id, trunk_id): share.lines
        for gateway in floor.gateways.values()
        if gateway.takes_new
        for trunk_id, share in gateway.trunks.items()
        if share.up and share.calls_per_second > 0
    }
    for call in floor.calls.values():
        key = (call.gateway_id, call.trunk_id)
        if key in room and call.state in IN_FLIGHT:
            room[key] -= 1
    return room


def deal(
    room: Room, count: int, *, ranks: Mapping[TrunkId, Rank], standing: Mapping[TrunkId, int]
) -> Dealt:
    """A spot for each of up to `count` calls."""
    left, after = dict(room), dict(standing)
    spots: list[Spot] = []
    while len(spots) < count:
        open_trunks = sorted({trunk_id for (_, trunk_id), lines in left.items() if lines > 0})
        if not open_trunks:
            break
        trunk_id = _next_trunk(open_trunks, ranks, after)
        key = max((key for key in left if key[1] == trunk_id), key=lambda key: (left[key], key))
        left[key] -= 1
        spots.append(Spot(trunk_id, key[0]))
    return Dealt(tuple(spots), after)


def _next_trunk(
    trunks: list[TrunkId], ranks: Mapping[TrunkId, Rank], standing: dict[TrunkId, int]
) -> TrunkId:
    def rank(trunk_id: TrunkId) -> Rank:
        return ranks.get(trunk_id, Rank())

    first = min(rank(trunk_id).priority for trunk_id in trunks)
    group = [trunk_id for trunk_id in trunks if rank(trunk_id).priority == first]
    for trunk_id in group:
        standing[trunk_id] = standing.get(trunk_id, 0) + rank(trunk_id).weight
    chosen = max(group, key=lambda trunk_id: standing[trunk_id])
    standing[chosen] -= sum(rank(trunk_id).weight for trunk_id in group)
    return chosen


def fallbacks(floor: Floor, spot: Spot, *, ranks: Mapping[TrunkId, Rank]) -> tuple[TrunkId, ...]:
    """The other usable trunks of the same gateway, in the order to try them.

    Room is not asked for: the gateway knows its own at the instant a trunk fails, and no INVITE
    passes its share.
    """
    gateway = floor.gateways.get(spot.gateway_id)
    if gateway is None:
        return ()
    others = [
        trunk_id
        for trunk_id, share in gateway.trunks.items()
        if trunk_id != spot.trunk_id and share.up and share.lines > 0
    ]

    def place(trunk_id: TrunkId) -> tuple[int, int, TrunkId]:
        rank = ranks.get(trunk_id, Rank())
        return rank.priority, -rank.weight, trunk_id

    return tuple(sorted(others, key=place))
