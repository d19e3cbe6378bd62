"""The split of each trunk's lines and calls per second among the gateways: pure.

A carrier counts lines per trunk, not per gateway: what the gateways may use and what they hold
already must never add up to more than the trunk allows. So a line that is in use stays with who
uses it, be it a gateway nobody can reach, whose calls go on, or one that holds more than its part
because another has just come. The rest is divided evenly; lines that do not divide go to the
gateways first in name order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from agent_desk.dialer.floor import CallState, Floor
from softphone.protocol import TrunkShare

# Calls that are not over, by trunk and by gateway (reachable or not).
Held = Mapping[str, Mapping[str, int]]


def held_lines(floor: Floor) -> Held:
    """Who holds how many lines of which trunk."""
    held: dict[str, Counter[str]] = {}
    for call in floor.calls.values():
        if call.state is not CallState.ENDED:
            held.setdefault(call.trunk_id, Counter())[call.gateway_id] += 1
    return held


def split(
    trunks: Sequence[TrunkShare], gateway_ids: Sequence[str], held: Held
) -> Mapping[str, tuple[TrunkShare, ...]]:
    """Each gateway's share of each trunk; an empty mapping when there is no gateway."""
    order = sorted(gateway_ids)
    lines = {t.trunk_id: _lines(t.lines, order, held.get(t.trunk_id, {})) for t in trunks}
    return {
        gateway_id: tuple(
            TrunkShare(
                trunk_id=trunk.trunk_id,
                lines=lines[trunk.trunk_id][gateway_id],
                calls_per_second=trunk.calls_per_second / len(order),
            )
            for trunk in trunks
        )
        for gateway_id in order
    }


def _lines(total: int, order: Sequence[str], held: Mapping[str, int]) -> dict[str, int]:
    """Who holds more than an even part gets that part and no more: it starts no call until it is
    below; until then the others share what it leaves."""
    left = total - sum(count for gateway_id, count in held.items() if gateway_id not in order)
    parts = _even(left, order)
    settled: dict[str, int] = {}
    while over := [g for g in parts if held.get(g, 0) > parts[g]]:
        settled.update((g, parts[g]) for g in over)
        left -= sum(held[g] for g in over)
        parts = _even(left, [g for g in parts if g not in over])
    return {**settled, **parts}


def _even(lines: int, order: Sequence[str]) -> dict[str, int]:
    each, left = divmod(max(0, lines), max(1, len(order)))
    return {gateway_id: each + (place < left) for place, gateway_id in enumerate(order)}
