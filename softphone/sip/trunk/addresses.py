"""Where a trunk is and who may speak for it: looked up at the start and again after failures.

Within a call the trunk may name further hosts, by Contact and Record-Route. They are heard within
calls and nowhere else: whoever a carrier lets in there, or a single forged message names, would
otherwise speak for the trunk from then on.
"""

from __future__ import annotations

import asyncio
import logging
import random

from softphone.sip.transport.resolution import Names, resolve
from softphone.sip.transport.transactions import Address
from softphone.sip.trunk.breaker import is_trunks_code
from softphone.sip.trunk.settings import TrunkSettings
from softphone.sip.trunk.targets import Targets

log = logging.getLogger(__name__)
RESOLVE_AGAIN_S = 10.0  # at the soonest, after a failure
_MOST_LEARNED_HOSTS = 64


class TrunkAddresses:
    """`targets` are where requests go; `is_trunk` says whose messages are heard."""

    def __init__(self, settings: TrunkSettings, *, names: Names, rng: random.Random) -> None:
        self.targets = Targets()
        self._settings, self._names, self._rng = settings, names, rng
        self._allowed: set[str] = set()
        self._learned: dict[str, None] = {}
        self._looked_up_at = 0.0
        self._looking: asyncio.Task[None] | None = None

    async def look_up(self) -> None:
        """Ask the name server. Raises OSError."""
        settings = self._settings
        self._looked_up_at = asyncio.get_running_loop().time()
        found = await resolve(
            settings.host, settings.port, settings.transport, names=self._names, rng=self._rng
        )
        for host in settings.allowed_hosts:
            self._allowed.update(await self._names.addresses(host))
        self._allowed.update(host for host, _ in found)
        self.targets.replace(found)

    def best(self) -> Address:
        """Where the next request goes."""
        return self.targets.best(asyncio.get_running_loop().time())

    def fail(self, address: Address, code: int, *, retry_after_s: int | None = None) -> float:
        """A request to this address failed; until when all addresses want rest, 0.0: none does."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        if is_trunks_code(code):
            self.targets.fail(address, now)
        if retry_after_s and code == 503:
            self.targets.leave_alone(address, retry_after_s, now)
        if now - self._looked_up_at >= RESOLVE_AGAIN_S:
            self._looked_up_at = now
            self._looking = loop.create_task(self._look_up_again())
        return self.targets.rest_until(now)

    async def _look_up_again(self) -> None:
        try:
            await self.look_up()
        except OSError as fault:
            log.warning("the trunk's name is not found, its old addresses stay: %s", fault)

    def is_trunk(self, host: str) -> bool:
        return host in self._allowed or host in self._learned

    def is_named(self, host: str) -> bool:
        """Whether the settings, or the name server, give this address to the trunk."""
        return host in self._allowed

    def learn(self, address: Address) -> None:
        """A route or Contact the trunk named: its answers come from there."""
        if address[0] not in self._allowed:
            self._learned.pop(address[0], None)
            self._learned[address[0]] = None
            if len(self._learned) > _MOST_LEARNED_HOSTS:
                self._learned.pop(next(iter(self._learned)))

    def close(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
