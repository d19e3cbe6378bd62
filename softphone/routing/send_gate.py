"""The last look before an INVITE leaves: what must not be called is not called (invariants I4, I9).

The desk judged the call when it leased the customer; between that and the sending lie queues, the
network and, after a stall, minutes. So the gateway looks again, on its own clock and at what the
desk has pushed since.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from softphone.protocol import PlaceCall, Refusal


class SendGate:
    """Blocked number keys and stopped campaigns."""

    def __init__(self) -> None:
        self._blocked: set[str] = set()
        self._stopped: set[int] = set()

    def replace(self, *, blocked: Iterable[str], stopped: Iterable[int]) -> None:
        """Take over the whole of what the desk knows, as its Welcome says it."""
        self._blocked = set(blocked)
        self._stopped = set(stopped)

    def block(self, number_keys: Iterable[str]) -> None:
        self._blocked.update(number_keys)

    def unblock(self, number_keys: Iterable[str]) -> None:
        self._blocked.difference_update(number_keys)

    def stop(self, campaign_id: int) -> None:
        self._stopped.add(campaign_id)

    def resume(self, campaign_id: int) -> None:
        self._stopped.discard(campaign_id)

    def refusal(self, command: PlaceCall, now: datetime) -> Refusal | None:
        """Why this call must not leave at `now` (business time), or None when it may."""
        if now > command.not_after:
            return Refusal("too_late", "the instant up to which this call was allowed has passed")
        if command.number_key in self._blocked:
            return Refusal("number_blocked", "the number is in the block-set")
        if command.campaign_id in self._stopped:
            return Refusal("campaign_stopped", "the campaign is stopped")
        return None
