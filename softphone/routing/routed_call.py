"""A call that may change its trunk before anything has rung.

To its owner it is one SIP call, and to SIP it is the owner: it stands between the two. While the
trunk it is on fails by the trunk's own fault (`breaker.is_trunks_fault`), it is placed again, at
the next address of that trunk or on the next trunk, as long as the last look says it may leave.
What the customer or their network said is never tried again: they have been reached, or never will
be.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from softphone.protocol import Refusal
from softphone.sip.calls.endings import SipEnding
from softphone.sip.calls.outbound import OutboundInvite, OutboundListener
from softphone.sip.calls.referral import ReferResult
from softphone.sip.trunk.breaker import is_trunks_fault

log = logging.getLogger(__name__)


class NotPlaced(Exception):
    """No INVITE left, and why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.error_id)
        self.refusal = refusal


@dataclass(frozen=True)
class Detours:
    """The trunks to try after the first, in order. `may_leave` is asked before each further INVITE;
    `offer_for` describes our audio as that trunk wants it, None when one offer suits all."""

    trunk_ids: tuple[str, ...] = ()
    may_leave: Callable[[], bool] = lambda: True
    offer_for: Callable[[str], str] | None = None


class TrunkCall(Protocol):
    """What is needed of `softphone.sip.calls.outbound.OutboundCall`."""

    on_digit: Callable[[str, int], None]

    def hang_up(self, cause: str) -> None: ...

    def refer(self, number: str, on_result: Callable[[ReferResult], None]) -> bool: ...

    def ask(self) -> None: ...


class Roads(Protocol):
    """What a routed call needs of the trunks."""

    def send(
        self, trunk_id: str, invite: OutboundInvite, listener: OutboundListener
    ) -> TrunkCall: ...

    def addresses(self, trunk_id: str) -> int: ...

    def refusal(self, trunk_id: str, number: str) -> Refusal | None: ...

    def soon(self, work: Callable[[], None]) -> None: ...

    def shows(self, trunk_id: str, invite: OutboundInvite) -> str: ...

    def rerouted(self, invite: OutboundInvite, trunk_id: str, code: int | None) -> None: ...

    def begun(self, call_id: str, trunk_id: str) -> None: ...

    def answered(self, call_id: str) -> None: ...

    def ended(self, call_id: str, *, answered: bool) -> None: ...


class RoutedCall:
    """`start` once; it raises `NotPlaced` when no trunk takes the call."""

    def __init__(
        self,
        roads: Roads,
        invite: OutboundInvite,
        listener: OutboundListener,
        *,
        trunk_id: str,
        detours: Detours,
    ) -> None:
        self._roads, self._invite, self._listener = roads, invite, listener
        self._detours = detours
        self._left = [trunk_id, *(each for each in detours.trunk_ids if each != trunk_id)]
        self._first = trunk_id
        self._trunk_id = ""
        self._tries = 0
        self._sip: TrunkCall | None = None
        self._last: SipEnding | None = None
        self._cause: str | None = None
        self.on_digit: Callable[[str, int], None] = lambda digit, duration_ms: None  # by INFO

    def start(self) -> None:
        """Place the call on the first trunk that takes it."""
        refused = self._place_on_next(None)
        if refused is not None:
            raise NotPlaced(refused)

    @property
    def caller_id(self) -> str:
        """The number whoever is called sees on the trunk that has the call."""
        return self._roads.shows(self._trunk_id, self._invite)

    def hang_up(self, cause: str) -> None:
        """See `OutboundCall.hang_up`; between two trunks there is nothing to take back."""
        self._cause = cause
        if self._sip is not None:
            self._sip.hang_up(cause)

    def refer(self, number: str, on_result: Callable[[ReferResult], None]) -> bool:
        """See `OutboundCall.refer`. Raises `NotPlaced` when the trunk may not call that number."""
        refused = self._roads.refusal(self._trunk_id, number)
        if refused is not None:
            raise NotPlaced(refused)
        return self._sip is not None and self._sip.refer(number, on_result)

    def ask(self) -> None:
        """See `OutboundCall.ask`."""
        if self._sip is not None:
            self._sip.ask()

    # -- softphone.sip.calls.outbound.OutboundListener -------------------------------------------

    def on_ringing(self, code: int, sdp: str | None) -> None:
        self._listener.on_ringing(code, sdp)

    def on_answer(self, sdp: str) -> None:
        self._roads.answered(self._invite.call_id)
        self._listener.on_answer(sdp)

    def on_media(self, sdp: str) -> None:
        self._listener.on_media(sdp)

    def on_end(self, ending: SipEnding) -> None:
        self._roads.ended(self._invite.call_id, answered=ending.answered)
        open_ways = self._left or self._tries < self._roads.addresses(self._trunk_id)
        if self._cause is None and open_ways and is_trunks_fault(ending):
            # The trunk frees the line and learns from the failure first.
            self._sip, self._last = None, ending
            self._roads.soon(self._try_again)
        else:
            self._listener.on_end(ending)

    # -- the next trunk --------------------------------------------------------------------------

    def _try_again(self) -> None:
        assert self._last is not None
        if self._cause is not None:
            ended = replace(self._last, code=487, reason=self._cause, q850=None, by="local")
            self._listener.on_end(ended)
            return
        if self._tries < self._roads.addresses(self._trunk_id):
            self._left.insert(0, self._trunk_id)
        if not self._detours.may_leave() or self._place_on_next(self._last.code):
            self._listener.on_end(self._last)

    def _place_on_next(self, code: int | None) -> Refusal | None:
        """Place on the first of those left that takes it; None when done, else the first's no."""
        refused: Refusal | None = None
        while self._left:
            trunk_id = self._left.pop(0)
            try:
                self._sip = self._send(trunk_id)
                self._sip.on_digit = lambda digit, duration_ms: self.on_digit(digit, duration_ms)
            except NotPlaced as fault:
                refused = refused or fault.refusal
                continue
            self._tries = self._tries + 1 if trunk_id == self._trunk_id else 1
            moved = trunk_id != (self._trunk_id or self._first)
            self._trunk_id = trunk_id
            self._roads.begun(self._invite.call_id, trunk_id)
            if moved:
                self._roads.rerouted(self._invite, trunk_id, code)
            return None
        return refused or Refusal("trunk_down", "no trunk is left to try")

    def _send(self, trunk_id: str) -> TrunkCall:
        invite, offer_for = self._invite, self._detours.offer_for
        if trunk_id != self._first and offer_for is not None:
            invite = replace(invite, sdp=offer_for(trunk_id))
        return self._roads.send(trunk_id, invite, self)
