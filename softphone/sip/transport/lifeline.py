"""The one connection a TCP or TLS trunk keeps to its carrier, and its return when it is lost.

The carrier reaches us through it behind NAT, and the next call need not wait for a handshake. It is
made anew at once when it ends, then after 1 s, twice as long each time, up to 30 s; with several
addresses the next one is tried before any wait.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from softphone.sip.transport.streams import StreamEndpoint
from softphone.sip.transport.tls import fault_text
from softphone.sip.transport.transactions import Address
from softphone.sip.trunk.targets import Targets

log = logging.getLogger(__name__)
FIRST_WAIT_S = 1.0
MOST_WAIT_S = 30.0
_LASTS_S = 5.0  # a connection that ended sooner did not work


class Lifeline:
    """`on_up()` when it is there, `on_down(reason)` when it cannot be had."""

    def __init__(
        self,
        endpoint: StreamEndpoint,
        targets: Targets,
        *,
        on_up: Callable[[], None],
        on_down: Callable[[Address, str], None],
        wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._endpoint, self._targets = endpoint, targets
        self._on_up, self._on_down, self._wait = on_up, on_down, wait
        self._address: Address = ("", 0)
        self._gone = asyncio.Event()
        self._reason = ""

    def lost(self, address: Address, reason: str) -> None:
        """A connection of the endpoint ended."""
        if address == self._address:
            self._reason = reason
            self._gone.set()

    async def hold(self) -> None:
        """Run until cancelled."""
        now = asyncio.get_running_loop().time
        failures, wait_s = 0, FIRST_WAIT_S
        while True:
            self._address = self._targets.best(now())
            since = now()
            reason = await self._hold_once()
            if now() - since >= _LASTS_S and self._was_up:
                failures, wait_s = 0, FIRST_WAIT_S
                continue
            failures += 1
            self._on_down(self._address, reason)
            log.warning("the trunk's connection: %s", reason)
            if failures >= len(self._targets):
                await self._wait(wait_s)
                wait_s = min(2 * wait_s, MOST_WAIT_S)

    async def _hold_once(self) -> str:
        """Connect and wait for the end; why it ended, or could not begin."""
        self._gone.clear()
        self._was_up = False
        try:
            await self._endpoint.connect(self._address)
        except OSError as fault:
            return fault_text(fault)
        self._was_up = True
        self._on_up()
        await self._gone.wait()
        return self._reason
