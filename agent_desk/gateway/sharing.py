"""Who may use how much of each trunk at this moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from agent_desk.dialer.floor import Floor
from agent_desk.gateway.rates import Rates
from agent_desk.gateway.shares import held_lines, split
from softphone.protocol import TrunkShare


class Sharing:
    """The even split (`shares.py`), less what others may still be using (`rates.py`)."""

    def __init__(self, trunks: Sequence[TrunkShare], now: Callable[[], float]) -> None:
        self._trunks = {trunk.trunk_id: trunk for trunk in trunks}
        self._rates = Rates(now)
        self.tell = self._rates.tell
        self.gone = self._rates.gone

    def part(
        self, gateway_id: str, connected: Sequence[str], floor: Floor
    ) -> tuple[TrunkShare, ...]:
        """What one of the connected gateways may use now; `tell` notes that it was told."""
        even = split(list(self._trunks.values()), connected, held_lines(floor))[gateway_id]
        return tuple(
            replace(share, calls_per_second=min(share.calls_per_second, room))
            for share in even
            for room in (self._rates.room(gateway_id, self._trunks[share.trunk_id]),)
        )
