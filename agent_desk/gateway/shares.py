"""The split of each trunk's lines and calls per second among the gateways: pure.

A carrier counts lines per trunk, not per gateway; whatever the number of gateways, the shares add
up to what the trunk allows. Lines that do not divide go to the gateways first in name order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from softphone.protocol import TrunkShare


def split(
    trunks: Sequence[TrunkShare], gateway_ids: Sequence[str]
) -> Mapping[str, tuple[TrunkShare, ...]]:
    """Each gateway's share of each trunk; an empty mapping when there is no gateway."""
    order = sorted(gateway_ids)
    return {
        gateway_id: tuple(_part(trunk, place, len(order)) for trunk in trunks)
        for place, gateway_id in enumerate(order)
    }


def _part(trunk: TrunkShare, place: int, parts: int) -> TrunkShare:
    lines, left = divmod(trunk.lines, parts)
    return TrunkShare(
        trunk_id=trunk.trunk_id,
        lines=lines + (1 if place < left else 0),
        calls_per_second=trunk.calls_per_second / parts,
    )
