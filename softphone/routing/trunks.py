"""All trunks of this gateway: their state on the wire, this gateway's share, and who may call what.

Every INVITE of the gateway passes `place`, the first one of a call, a second party's and one that
goes out anew on another trunk: so the share and the toll guard hold for all of them.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from softphone.background import Background
from softphone.protocol import (
    CallRerouted,
    Event,
    OrphansCleared,
    Refusal,
    TrunkChanged,
    TrunkLiveness,
    TrunkShare,
)
from softphone.routing.routed_call import Detours, NotPlaced, RoutedCall, TrunkCall
from softphone.routing.toll_guard import CAP_REACHED, TollGuard
from softphone.sip.calls.arrivals import ArrivedCall, OnArrival
from softphone.sip.calls.outbound import OutboundInvite, OutboundListener
from softphone.sip.messages.invite_forms import caller_shown
from softphone.sip.trunk.health import OnState
from softphone.sip.trunk.settings import TrunkRefused, TrunkSettings, TrunkState

log = logging.getLogger(__name__)

RETRY_S = 5.0
# So long the desk waits for a gateway whose name servers are silent; longer is the trunk's affair.
START_S = 2.0
NOT_TAKEN = 403
REFUSALS = {
    "lines": Refusal("no_line", "this gateway's lines of the trunk are all in use"),
    "calls_per_second": Refusal("no_slot", "this gateway's calls per second are used up"),
    "down": Refusal("trunk_down", "the trunk cannot take calls now"),
    "number": Refusal("number_unusable", "the number cannot be dialed"),
}
NO_DETOUR = Detours()


class SipTrunk(Protocol):
    """What is needed of `softphone.sip.trunk.trunk.Trunk`."""

    @property
    def state(self) -> TrunkState: ...

    @property
    def addresses(self) -> int: ...

    local_host: str
    settings: TrunkSettings

    @property
    def lines_in_use(self) -> int: ...

    def load(self) -> tuple[int, int, int]: ...

    def set_limits(self, lines: int, calls_per_second: float) -> None: ...

    def place(self, invite: OutboundInvite, listener: OutboundListener) -> TrunkCall: ...

    async def start(self) -> None: ...

    async def stop(self, *, within_s: float = 2.0) -> None: ...


MakeTrunk = Callable[[OnState], SipTrunk]


@dataclass
class _Entry:
    trunk: SipTrunk
    full: TrunkShare  # all the trunk can carry
    orphans: Callable[[], int]  # dialogs a killed process left
    sip: TrunkChanged  # what SIP says of it
    told: TrunkChanged  # and what the desk was told: a trunk that may spend no more is not up


class Trunks:
    """By trunk id. The shares are the whole trunks until the desk splits them."""

    def __init__(self, report: Callable[[Event], None], guard: TollGuard | None = None) -> None:
        self._report = report
        self._guard = guard or TollGuard()
        self._entries: dict[str, _Entry] = {}
        self._background = Background()
        self.on_arrival: OnArrival = lambda call: call.reject(NOT_TAKEN)

    def arrived(self, call: ArrivedCall) -> None:
        """Somebody calls us on one of the trunks."""
        self.on_arrival(call)

    def add(self, full: TrunkShare, make: MakeTrunk, *, orphans: Callable[[], int]) -> None:
        """Take a trunk in; `make` is handed the listener of its state."""
        trunk_id = full.trunk_id
        trunk = make(lambda state, reason: self._changed(trunk_id, state, reason))
        told = TrunkChanged(trunk_id, up=False, reason="not started")
        self._entries[trunk_id] = _Entry(trunk, full, orphans, told, told)

    async def start(self) -> None:
        """Start all; one that cannot start (a name not found, a port taken) is tried again.

        None is waited for longer than `START_S`: without its trunks a gateway is still needed.
        """
        tried = [asyncio.Event() for _ in self._entries]
        for entry, once in zip(self._entries.values(), tried, strict=True):
            self._background.spawn(self._keep_starting(entry, once))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(START_S):
                for once in tried:
                    await once.wait()

    async def stop(self, *, within_s: float) -> None:
        """End what is left and close the sockets."""
        await self._background.stop(within_s=0.0)
        stops = [entry.trunk.stop(within_s=within_s) for entry in self._entries.values()]
        await asyncio.gather(*stops)
        self._guard.save()

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
            self._guard.set_part(trunk_id, share.lines / max(1, entry.full.lines))

    def local_host(self, trunk_id: str) -> str:
        """Our address towards a trunk, "" while it has not started."""
        return self._entries[trunk_id].trunk.local_host

    def knows(self, trunk_id: str) -> bool:
        return trunk_id in self._entries

    def place(
        self,
        trunk_id: str,
        invite: OutboundInvite,
        listener: OutboundListener,
        *,
        detours: Detours = NO_DETOUR,
    ) -> RoutedCall:
        """Send an INVITE on a trunk that is known, or on the next of its detours.

        Raises `NotPlaced` when none takes it.
        """
        known = tuple(each for each in detours.trunk_ids if each in self._entries)
        detours = Detours(known, detours.may_leave, detours.offer_for)
        call = RoutedCall(self, invite, listener, trunk_id=trunk_id, detours=detours)
        call.start()
        return call

    def refusal(self, trunk_id: str, number: str) -> Refusal | None:
        """Why this trunk may not call this number (prefix, cap), or None: for transfers too."""
        refused = self._guard.refusal(trunk_id, number)
        if refused is CAP_REACHED:
            self._tell(self._entries[trunk_id])
        return refused

    def states(self) -> tuple[TrunkChanged, ...]:
        """The trunks as a snapshot shows them."""
        return tuple(entry.told for entry in self._entries.values())

    def liveness(self) -> tuple[TrunkLiveness, ...]:
        """Once a second; also when a cap turns out to be used up, or the day to be a new one."""
        for entry in self._entries.values():
            self._tell(entry)
        return tuple(
            TrunkLiveness(trunk_id, entry.told.up, entry.trunk.lines_in_use, *entry.trunk.load())
            for trunk_id, entry in self._entries.items()
        )

    # -- softphone.routing.routed_call.Roads ----------------------------------------------------

    def send(self, trunk_id: str, invite: OutboundInvite, listener: OutboundListener) -> TrunkCall:
        """One INVITE on one trunk. Raises `NotPlaced`."""
        refused = self.refusal(trunk_id, invite.number)
        if refused is not None:
            raise NotPlaced(refused)
        try:
            return self._entries[trunk_id].trunk.place(invite, listener)
        except TrunkRefused as fault:
            raise NotPlaced(REFUSALS[fault.reason]) from fault

    def addresses(self, trunk_id: str) -> int:
        return self._entries[trunk_id].trunk.addresses

    def soon(self, work: Callable[[], None]) -> None:
        asyncio.get_running_loop().call_soon(work)

    def shows(self, trunk_id: str, invite: OutboundInvite) -> str:
        return caller_shown(invite, self._entries[trunk_id].trunk.settings)

    def rerouted(self, invite: OutboundInvite, trunk_id: str, code: int | None) -> None:
        log.info("a call goes out on another trunk", extra={"trunk_id": trunk_id})
        shown = self.shows(trunk_id, invite)
        self._report(CallRerouted(invite.call_id, trunk_id, code, shown))

    def begun(self, call_id: str, trunk_id: str) -> None:
        self._guard.begun(call_id, trunk_id)

    def answered(self, call_id: str) -> None:
        self._guard.answered(call_id)

    def ended(self, call_id: str, *, answered: bool) -> None:
        self._guard.ended(call_id, answered=answered)

    # -- starting, and what is told --------------------------------------------------------------

    async def _start(self, entry: _Entry) -> bool:
        orphans = entry.orphans()
        try:
            await entry.trunk.start()
        except OSError as fault:
            down = TrunkChanged(entry.full.trunk_id, up=False, reason=str(fault))
            if down != entry.sip:  # once, not every few seconds
                told = {"trunk_id": entry.full.trunk_id, "reason": down.reason}
                log.warning("a trunk cannot start", extra=told)
            entry.sip = down
            self._tell(entry)
            return False
        if orphans:
            self._report(OrphansCleared(entry.full.trunk_id, orphans))
        return True

    async def _keep_starting(self, entry: _Entry, tried: asyncio.Event) -> None:
        while not await self._start(entry):
            tried.set()
            await asyncio.sleep(RETRY_S)
        tried.set()

    def _changed(self, trunk_id: str, state: TrunkState, reason: str) -> None:
        entry = self._entries[trunk_id]
        entry.sip = TrunkChanged(trunk_id, up=state == "up", reason=reason)
        self._tell(entry)

    def _tell(self, entry: _Entry) -> None:
        news = entry.sip
        if news.up and self._guard.exhausted(news.trunk_id):
            news = TrunkChanged(news.trunk_id, up=False, reason=CAP_REACHED.error_id)
        if news != entry.told:
            entry.told = news
            self._report(news)
