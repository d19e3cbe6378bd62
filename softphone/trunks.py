"""All trunks of this gateway: their state on the wire, and this gateway's share of each."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from softphone.background import Background
from softphone.call_ports import SipCall
from softphone.protocol import (
    Event,
    OrphansCleared,
    Refusal,
    TrunkChanged,
    TrunkLiveness,
    TrunkShare,
)
from softphone.sip.outbound import OutboundInvite, OutboundListener
from softphone.sip.trunk import TrunkRefused, TrunkState

log = logging.getLogger(__name__)

RETRY_S = 5.0
REFUSALS = {
    "lines": Refusal("no_line", "this gateway's lines of the trunk are all in use"),
    "calls_per_second": Refusal("no_slot", "this gateway's calls per second are used up"),
    "down": Refusal("trunk_down", "the trunk cannot take calls now"),
    "number": Refusal("number_unusable", "the number cannot be dialed"),
}


class NotPlaced(Exception):
    """No INVITE left, and why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.error_id)
        self.refusal = refusal


class SipTrunk(Protocol):
    """What is needed of `softphone.sip.trunk.Trunk`."""

    state: TrunkState

    @property
    def lines_in_use(self) -> int: ...

    def set_limits(self, lines: int, calls_per_second: float) -> None: ...

    def place(self, invite: OutboundInvite, listener: OutboundListener) -> SipCall: ...

    async def start(self) -> None: ...

    async def stop(self, *, within_s: float = 2.0) -> None: ...


MakeTrunk = Callable[[Callable[[TrunkState], None]], SipTrunk]


@dataclass
class _Entry:
    trunk: SipTrunk
    full: TrunkShare  # all the trunk can carry
    orphans: Callable[[], int]  # dialogs a killed process left
    told: TrunkChanged


class Trunks:
    """By trunk id. The shares are the whole trunks until the desk splits them."""

    def __init__(self, report: Callable[[Event], None]) -> None:
        self._report = report
        self._entries: dict[str, _Entry] = {}
        self._background = Background()

    def add(self, full: TrunkShare, make: MakeTrunk, *, orphans: Callable[[], int]) -> None:
        """Take a trunk in; `make` is handed the listener of its state."""
        trunk_id = full.trunk_id
        trunk = make(lambda state: self._changed(trunk_id, state))
        told = TrunkChanged(trunk_id, up=False, reason="not started")
        self._entries[trunk_id] = _Entry(trunk, full, orphans, told)

    async def start(self) -> None:
        """Start all; one that cannot start (a name not found, a port taken) is tried again."""
        for entry in self._entries.values():
            if not await self._start(entry):
                self._background.spawn(self._keep_starting(entry))

    async def stop(self, *, within_s: float) -> None:
        """End what is left and close the sockets."""
        await self._background.stop(within_s=0.0)
        stops = [entry.trunk.stop(within_s=within_s) for entry in self._entries.values()]
        await asyncio.gather(*stops)

    @property
    def full_shares(self) -> tuple[TrunkShare, ...]:
        """What the trunks can carry, for the Hello."""
        return tuple(entry.full for entry in self._entries.values())

    def set_shares(self, shares: Iterable[TrunkShare]) -> None:
        """This gateway's part of each trunk; a trunk that is not named may not be used."""
        given = {share.trunk_id: share for share in shares}
        for trunk_id, entry in self._entries.items():
            share = given.get(trunk_id, TrunkShare(trunk_id, 0, 0.0))
            entry.trunk.set_limits(share.lines, share.calls_per_second)

    def knows(self, trunk_id: str) -> bool:
        return trunk_id in self._entries

    def place(self, trunk_id: str, invite: OutboundInvite, listener: OutboundListener) -> SipCall:
        """Send an INVITE on a trunk that is known. Raises `NotPlaced`."""
        try:
            return self._entries[trunk_id].trunk.place(invite, listener)
        except TrunkRefused as refused:
            raise NotPlaced(REFUSALS[refused.reason]) from refused

    def states(self) -> tuple[TrunkChanged, ...]:
        """The trunks as a snapshot shows them."""
        return tuple(entry.told for entry in self._entries.values())

    def liveness(self) -> tuple[TrunkLiveness, ...]:
        return tuple(
            TrunkLiveness(trunk_id, entry.told.up, entry.trunk.lines_in_use)
            for trunk_id, entry in self._entries.items()
        )

    async def _start(self, entry: _Entry) -> bool:
        orphans = entry.orphans()
        try:
            await entry.trunk.start()
        except OSError as fault:
            log.warning("a trunk cannot start", extra={"trunk_id": entry.full.trunk_id})
            self._tell(entry, TrunkChanged(entry.full.trunk_id, up=False, reason=str(fault)))
            return False
        if orphans:
            self._report(OrphansCleared(entry.full.trunk_id, orphans))
        return True

    async def _keep_starting(self, entry: _Entry) -> None:
        while True:
            await asyncio.sleep(RETRY_S)
            if await self._start(entry):
                return

    def _changed(self, trunk_id: str, state: TrunkState) -> None:
        entry = self._entries[trunk_id]
        self._tell(entry, TrunkChanged(trunk_id, up=state == "up", reason=state))

    def _tell(self, entry: _Entry, news: TrunkChanged) -> None:
        if news != entry.told:
            entry.told = news
            self._report(news)
