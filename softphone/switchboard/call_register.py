"""Every call of this gateway, from the moment `PlaceCall` was accepted until its last event.

A call is *opening* while its RTP port is bound. Then comes the last look (`send_gate.py`) and the
INVITE; both happen in one turn of the loop, so nothing can change in between.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Collection
from datetime import timedelta
from typing import Protocol

from softphone.background import Background
from softphone.calls import Call
from softphone.clock import BusinessClock
from softphone.protocol import (
    CallNotPlaced,
    CallPhase,
    CallState,
    EndedBy,
    Event,
    PlaceCall,
    Refusal,
    SendDigits,
)
from softphone.recent import Recent
from softphone.routing.routed_call import Detours, NotPlaced
from softphone.routing.send_gate import SendGate
from softphone.routing.trunks import Trunks
from softphone.sip.calls.outbound import OutboundInvite
from softphone.sip.transport.timing import Timers
from softphone.sip.trunk.pacer import MOST_WAIT_S
from softphone.talk.call_ports import CustomerAudio, Record, TalkingSeat
from softphone.talk.endings import not_known

log = logging.getLogger(__name__)

# How long a call id is known after its call was placed, and after it ended: a second `PlaceCall`
# for it would dial a person twice.
_REMEMBERED_S = 900.0


class OpenedAudio(CustomerAudio, Protocol):
    """A customer's leg with its offer, and with one for each other trunk."""

    offer_sdp: str

    def offer_for(self, trunk_id: str) -> str: ...


OpenAudio = Callable[[str], Awaitable[OpenedAudio]]  # by trunk id


class CallRegister:
    """See the module. `is_current(epoch)` says whether that desk is still in charge."""

    def __init__(
        self,
        *,
        trunks: Trunks,
        gate: SendGate,
        clock: BusinessClock,
        is_current: Callable[[int], bool],
        open_audio: OpenAudio,
        report: Callable[[Event], None],
        timers: Timers,
        now: Callable[[], float],
        record: Record | None = None,
    ) -> None:
        self._trunks = trunks
        self._gate = gate
        self._clock = clock
        self._is_current = is_current
        self._open_audio = open_audio
        self._report = report
        self._timers = timers
        self._now = now
        self._record = record
        self._opening: dict[str, PlaceCall] = {}
        self._calls: dict[str, Call] = {}
        self._used: Recent[bool] = Recent(_REMEMBERED_S, now)
        self._background = Background()
        self._stopping = False

    def __len__(self) -> int:
        return len(self._opening) + len(self._calls)

    def find(self, call_id: str) -> Call | None:
        return self._calls.get(call_id)

    def all_calls(self) -> tuple[Call, ...]:
        """Every call whose INVITE has left and that is not over."""
        return tuple(self._calls.values())

    def press(self, command: SendDigits) -> Refusal | None:
        """Keys towards the customer of a bridged call."""
        call = self._calls.get(command.call_id)
        return call.press(command.digits) if call is not None else not_known(command.call_id)

    def states(self) -> tuple[CallState, ...]:
        """The live calls as a snapshot shows them."""
        opening = (
            CallState(command.call_id, command.trunk_id, CallPhase.PLACED, None)
            for command in self._opening.values()
        )
        return (*opening, *(call.state for call in self._calls.values()))

    def place(self, command: PlaceCall, *, epoch: int) -> Refusal | None:
        """Accept a call; what becomes of it is told by events."""
        if self._knows(command.call_id):
            return Refusal("call_known", f"call {command.call_id} was placed before")
        if not self._trunks.knows(command.trunk_id):
            return Refusal("trunk_unknown", "this gateway has no such trunk")
        if self._stopping:
            return Refusal("gateway_stopping", "this gateway is being stopped")
        self._used.put(command.call_id, True)
        self._opening[command.call_id] = command
        self._background.spawn(self._open(command, epoch))
        return None

    def hang_up(self, call_id: str, *, cause: str) -> bool:
        """End a call on the desk's word, if it is not over yet; False when it never was."""
        self._not_placed(call_id, Refusal("hung_up", cause))
        call = self._calls.get(call_id)
        if call is not None:
            call.hang_up(by=EndedBy.DESK, cause=cause)
        return self._knows(call_id)

    def cancel_blocked(self, number_keys: Collection[str]) -> None:
        """Give up what is on its way to blocked numbers; who has answered is already talking."""
        for call, command in self._unanswered():
            if command.number_key in number_keys:
                call.hang_up(by=EndedBy.DESK, cause="number_blocked")
        for call in self._calls.values():
            if call.conversation is not None:
                call.conversation.drop_blocked(number_keys)

    def cancel_unsent(self, campaign_id: int) -> None:
        """Give up a stopped campaign's calls whose INVITE may still wait for its slot."""
        for call, command in self._unanswered():
            fresh = call.phase is CallPhase.PLACED and self._now() - call.made_at < MOST_WAIT_S
            if fresh and command.campaign_id == campaign_id:
                call.hang_up(by=EndedBy.DESK, cause="campaign_stopped")

    def seat_connected(self, seat: TalkingSeat) -> None:
        """A seat that is in no talk here has a leg: perhaps it is in one by way of a relay."""
        for call in self._calls.values():
            if call.conversation is not None:
                call.conversation.come_home(seat)

    async def stop(self, *, within_s: float) -> None:
        """BYE or CANCEL for every call; no new ones."""
        self._stopping = True
        for call_id in list(self._opening):
            self._not_placed(call_id, Refusal("gateway_stopping", "this gateway is being stopped"))
        for call in list(self._calls.values()):
            call.hang_up(by=EndedBy.GATEWAY, cause="gateway_stopping")
        await self._background.stop(within_s=within_s)

    def keep(self, call: Call) -> None:
        """A call that came in is one of this gateway's from now on, until `forget`."""
        self._used.put(call.call_id, True)
        self._calls[call.call_id] = call

    def forget(self, call: Call) -> None:
        """A call is over."""
        if self._calls.pop(call.call_id, None) is not None:
            self._used.put(call.call_id, True)

    def _knows(self, call_id: str) -> bool:
        return call_id in self._calls or call_id in self._used

    def _unanswered(self) -> list[tuple[Call, PlaceCall]]:
        """What we placed and nobody has taken."""
        early = (CallPhase.PLACED, CallPhase.RINGING)
        return [
            (call, call.command)
            for call in self._calls.values()
            if call.phase in early and isinstance(call.command, PlaceCall)
        ]

    async def _open(self, command: PlaceCall, epoch: int) -> None:
        try:
            audio = await self._open_audio(command.trunk_id)
            if command.call_id not in self._opening:  # hung up meanwhile
                audio.close()
                return
            try:
                self._send(command, audio, epoch)
            except NotPlaced as fault:
                audio.close()
                self._not_placed(command.call_id, fault.refusal)
        except OSError as fault:
            self._not_placed(command.call_id, Refusal("no_media_port", str(fault)))
        finally:
            # Whatever else went wrong, the desk must not wait for this call.
            self._not_placed(command.call_id, Refusal("gateway_fault", "see the gateway's log"))

    def _send(self, command: PlaceCall, audio: OpenedAudio, epoch: int) -> None:
        """The last look, and the INVITE. Raises `NotPlaced`."""
        refusal = self._last_look(command, epoch)
        if refusal is not None:
            raise NotPlaced(refusal)
        call = Call(
            command,
            audio,
            report=self._report,
            timers=self._timers,
            now=self._now,
            on_over=self.forget,
            record=self._record,
        )
        invite = OutboundInvite(
            call_id=command.call_id,
            number=command.number,
            caller_id=command.caller_id,
            sdp=audio.offer_sdp,
            ring_limit_s=command.ring_limit_s,
        )
        detours = Detours(
            command.fallback_trunk_ids,
            may_leave=lambda: self._last_look(command, epoch) is None,
            offer_for=audio.offer_for,
        )
        sip = self._trunks.place(command.trunk_id, invite, call, detours=detours)
        del self._opening[command.call_id]
        self._calls[command.call_id] = call
        call.placed(sip, caller_id=sip.caller_id)

    def _last_look(self, command: PlaceCall, epoch: int) -> Refusal | None:
        """Why no INVITE of this call may leave now, the first one or one on another trunk."""
        if not self._is_current(epoch):
            return Refusal("stale_epoch", "another desk is in charge now")
        # The trunk may keep the INVITE back for its slot; it must not leave late even then.
        latest = self._clock.now() + timedelta(seconds=MOST_WAIT_S)
        return self._gate.refusal(command, latest)

    def _not_placed(self, call_id: str, refusal: Refusal) -> None:
        """Give up a call that is still opening."""
        if self._opening.pop(call_id, None) is not None:
            log.info("a call was not placed", extra={"reason": refusal.error_id})
            self._report(CallNotPlaced(call_id, refusal))
