"""Who may use how much of each trunk at this moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from agent_desk.dialer.deadlines import OUT_OF_REACH_S
from agent_desk.dialer.floor import Floor
from agent_desk.gateway.rates import Rates
from agent_desk.gateway.shares import held_lines, split
from softphone.protocol import Liveness, TrunkShare

# What a gateway held that is lost may live on: the desk writes the end of a call it cannot reach,
# the carrier knows nothing of that. A machine that is dead for good shall not cost lines for ever.
HELD_S = OUT_OF_REACH_S


class Sharing:
    """The even split (`shares.py`), less what others hold (calls the desk believes over as well, as
    long as their gateway says or said otherwise) or may still be using (`rates.py`)."""

    def __init__(self, trunks: Sequence[TrunkShare], now: Callable[[], float]) -> None:
        self._trunks = {trunk.trunk_id: trunk for trunk in trunks}
        self._now = now
        self._rates = Rates(now)
        self._in_use: dict[str, dict[str, int]] = {}  # by gateway and trunk, as last heard
        self._lost_at: dict[str, float] = {}
        self.tell = self._rates.tell

    def heard(self, liveness: Liveness) -> None:
        """A gateway says what it uses."""
        self._lost_at.pop(liveness.gateway_id, None)
        self._in_use[liveness.gateway_id] = {
            trunk.trunk_id: trunk.lines_in_use for trunk in liveness.trunks
        }

    def gone(self, gateway_id: str, floor: Floor) -> None:
        """It cannot be reached any more; what it holds now it may hold until it is back."""
        held = self._held(floor)
        self._in_use[gateway_id] = {
            trunk_id: by_gateway.get(gateway_id, 0) for trunk_id, by_gateway in held.items()
        }
        self._lost_at[gateway_id] = self._now()
        self._rates.gone(gateway_id)

    def part(
        self, gateway_id: str, connected: Sequence[str], floor: Floor
    ) -> tuple[TrunkShare, ...]:
        """What one of the connected gateways may use now; `tell` notes that it was told."""
        even = split(list(self._trunks.values()), connected, self._held(floor))[gateway_id]
        return tuple(
            replace(share, calls_per_second=min(share.calls_per_second, room))
            for share in even
            for room in (self._rates.room(gateway_id, self._trunks[share.trunk_id]),)
        )

    def _held(self, floor: Floor) -> dict[str, dict[str, int]]:
        held = {trunk_id: dict(counts) for trunk_id, counts in held_lines(floor).items()}
        for gateway_id, lost_at in list(self._lost_at.items()):
            if self._now() - lost_at > HELD_S:
                del self._lost_at[gateway_id], self._in_use[gateway_id]
        for gateway_id, trunks in self._in_use.items():
            for trunk_id, count in trunks.items():
                counts = held.setdefault(trunk_id, {})
                counts[gateway_id] = max(count, counts.get(gateway_id, 0))
        return held
