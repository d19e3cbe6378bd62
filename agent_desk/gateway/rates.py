"""Calls per second that were given out and may still be used: what is left for the others.

A gateway keeps INVITEs back for their slots, for a second at most, so one that was told a lower
rate, or was lost, goes on at the old one for a moment. Until that is over nobody else gets it:
carriers count each second.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from softphone.protocol import TrunkShare

# `softphone.sip.trunk.pacer.MOST_WAIT_S`, and as long again for the order to arrive.
SETTLE_S = 2.0


@dataclass(frozen=True)
class _Former:
    gateway_id: str
    trunk_id: str
    rate: float
    until: float


class Rates:
    """What each gateway was told. `now` in seconds, monotonic."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._told: dict[str, dict[str, float]] = {}
        self._former: list[_Former] = []

    def tell(self, gateway_id: str, shares: Sequence[TrunkShare]) -> None:
        """Note what a gateway is being told."""
        rates = {share.trunk_id: share.calls_per_second for share in shares}
        for trunk_id, rate in self._told.get(gateway_id, {}).items():
            if rates.get(trunk_id, 0.0) < rate:
                until = self._now() + SETTLE_S
                self._former.append(_Former(gateway_id, trunk_id, rate, until))
        self._told[gateway_id] = rates

    def gone(self, gateway_id: str) -> None:
        """The gateway cannot be reached any more."""
        self.tell(gateway_id, ())
        del self._told[gateway_id]

    def room(self, gateway_id: str, trunk: TrunkShare) -> float:
        """Calls per second of a trunk that no other gateway may be using now."""
        self._former = [each for each in self._former if each.until > self._now()]
        used = {
            other: rates.get(trunk.trunk_id, 0.0)
            for other, rates in self._told.items()
            if other != gateway_id
        }
        for each in self._former:
            if each.gateway_id != gateway_id and each.trunk_id == trunk.trunk_id:
                used[each.gateway_id] = max(each.rate, used.get(each.gateway_id, 0.0))
        return max(0.0, round(trunk.calls_per_second - sum(used.values()), 6))
