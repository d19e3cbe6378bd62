"""The split of each trunk's lines and calls per second among the gateways: pure.

A carrier counts lines per trunk, not per gateway: what the gateways may use and what they hold
already must never add up to more than the trunk allows. So a line that is in use stays with who
uses it, be it a gateway nobody can reach, whose calls go on, or one that holds more than its part
because another has just come. The rest is divided evenly; lines that do not divide go to the
gateways first in name order.

Calls per second are given out whole: two gateways that send 2.5 a second each would send six in
one second now and then. A gateway that gets none gets no lines either; it still lends its seats.
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
    shares: dict[str, list[TrunkShare]] = {gateway_id: [] for gateway_id in order}
    for trunk in trunks:
        rates = _rates(trunk.calls_per_second, order)
        calling = [gateway_id for gateway_id in order if rates[gateway_id] > 0]
        lines = _lines(trunk.lines, calling, held.get(trunk.trunk_id, {}))
        for gateway_id in order:
            part = TrunkShare(trunk.trunk_id, lines.get(gateway_id, 0), rates[gateway_id])
            shares[gateway_id].append(part)
    return {gateway_id: tuple(parts) for gateway_id, parts in shares.items()}


def _rates(total: float, order: Sequence[str]) -> dict[str, float]:
    """Whole calls, a fraction to the first."""
    whole = int(total)
    rates: dict[str, float] = dict(_even(whole, order))
    if order:
        rates[order[0]] += total - whole
    return rates


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
