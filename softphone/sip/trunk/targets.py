"""The addresses of one trunk, and which of them is next (RFC 3263 §4.3): pure.

They are used in the order of the name server. One that failed goes behind the others for a while;
one that asked to be left alone (Retry-After) is left alone until then, and the trunk as a whole
rests only when all of them do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from softphone.sip.transport.transactions import Address

PASSED_OVER_S = 60.0
MOST_RETRY_AFTER_S = 3600.0  # a carrier that asks for more is asked again all the same


class Targets:
    """Instants are the loop's."""

    def __init__(self, addresses: Sequence[Address] = ()) -> None:
        self._addresses: tuple[Address, ...] = tuple(addresses)
        self._passed_over: dict[Address, float] = {}  # until when it comes last
        self._left_alone: dict[Address, float] = {}  # until when it is not used

    def __len__(self) -> int:
        return len(self._addresses)

    def __iter__(self) -> Iterator[Address]:
        return iter(self._addresses)

    def replace(self, addresses: Sequence[Address]) -> None:
        """What the name server says now; what is known of an address stays known."""
        self._addresses = tuple(addresses)

    def best(self, now: float) -> Address:
        """Where the next request goes; of those that wait, the one that is free first."""
        return min(
            self._addresses,
            key=lambda address: (
                max(0.0, self._left_alone.get(address, 0.0) - now),
                max(0.0, self._passed_over.get(address, 0.0) - now),
                self._addresses.index(address),
            ),
        )

    def fail(self, address: Address, now: float) -> None:
        self._passed_over[address] = now + PASSED_OVER_S

    def succeed(self, address: Address) -> None:
        self._passed_over.pop(address, None)
        self._left_alone.pop(address, None)

    def leave_alone(self, address: Address, seconds: float, now: float) -> None:
        """Retry-After."""
        self._left_alone[address] = now + min(seconds, MOST_RETRY_AFTER_S)

    def all_failed(self, now: float) -> bool:
        """Whether there is no address left that has not failed of late."""
        return all(self._passed_over.get(address, 0.0) > now for address in self._addresses)

    def rest_until(self, now: float) -> float:
        """Until when no address may be used, 0.0 when one may be used now."""
        first = min((self._left_alone.get(a, 0.0) for a in self._addresses), default=0.0)
        return first if first > now else 0.0
