"""Calls that come in: rung at once, told to the desk, and answered as the desk says.

* ringing: the desk has `DESK_SILENT_S` to say something. `Bridge` answers and joins, `AnswerCall`
  answers with a prompt and music until a seat is free, `EndWithPrompt` answers and plays, `HangUp`
  refuses. A desk that says nothing is not there: then the caller is told that we shall call back,
  and the desk, once it is there again, learns that it owes a call.
* waiting: with music, for as long as `AnswerCall` said; then the caller is told the same.
* bridged, treated: as with the calls we place (`calls.py`).

Nothing is sent to the address an INVITE names before the ACK is there: over UDP anybody can send
one in the carrier's name, and have us talk to a third party (the voice hammer of RFC 8445 §19.5.1).

A gateway that takes nothing new sends the carrier to another one (503). A second call from a number
that is on the line is busy (486), and so is any beyond `MOST_RINGING` nobody has answered: what
rings costs an RTP port each, and a flood must not take those of the calls that talk.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from softphone.background import Background
from softphone.calls import Call
from softphone.protocol import (
    AnswerCall,
    CallAnswered,
    CallArrived,
    CallPhase,
    CallTreated,
    EndedBy,
    Event,
    Prompt,
    Refusal,
    ScreeningMode,
)
from softphone.sip.calls.arrivals import ArrivedCall
from softphone.sip.calls.endings import SipEnding
from softphone.sip.messages.sdp import SdpError
from softphone.sip.transport.timing import Timers
from softphone.switchboard.call_register import CallRegister
from softphone.talk.call_ports import CustomerAudio, Record, TalkingSeat
from softphone.talk.endings import Wish, not_known

log = logging.getLogger(__name__)

DESK_SILENT_S = 2.0
MOST_RINGING = 20  # per trunk
NOT_ACCEPTABLE, BUSY, UNAVAILABLE = 488, 486, 503
STOPPING = Refusal("gateway_stopping", "this gateway is being stopped")


@dataclass(frozen=True)
class ArrivalTerms:
    """What `PlaceCall` says of a call we place. Nobody screens a caller."""

    call_id: str
    trunk_id: str
    record: bool = False
    screening: ScreeningMode = ScreeningMode.OFF
    bridge_within_s: float = 0.0
    if_not_bridged: Prompt = Prompt.ALL_BUSY
    recording: str = ""


class AnsweringAudio(CustomerAudio, Protocol):
    """A customer's leg that can answer an offer."""

    offer_sdp: str

    def answer(self, offer: str) -> str: ...

    def play_music(self) -> None: ...

    def hush(self) -> None: ...

    def hold_back(self, on: bool) -> None: ...


OpenAudio = Callable[[str], Awaitable[AnsweringAudio]]  # by trunk id


class InboundCall(Call):
    """One call that came in, from its ringing on. Raises `SdpError` for an offer of no use."""

    def __init__(
        self,
        arrived: ArrivedCall,
        audio: AnsweringAudio,
        *,
        report: Callable[[Event], None],
        timers: Timers,
        now: Callable[[], float],
        on_over: Callable[[Call], None],
        record: Record | None = None,
    ) -> None:
        super().__init__(
            ArrivalTerms(arrived.call_id, arrived.trunk_id),
            audio,
            report=report,
            timers=timers,
            now=now,
            on_over=on_over,
            record=record,
        )
        self.phase = CallPhase.RINGING
        self.number = arrived.number
        self._arrived = arrived
        self._line = audio
        self._answer_sdp = audio.answer(arrived.offer) if arrived.offer else audio.offer_sdp

    def ring(self) -> None:
        """180 to the caller, and word to the desk."""
        arrived = self._arrived
        self.sip = arrived
        arrived.on_digit = partial(self._hear_digit, in_band=False)
        arrived.listen(self)
        arrived.ring()
        self._facts.rang = True
        self._deadline = self._timers.call_later(DESK_SILENT_S, self._desk_is_silent)
        self._report(CallArrived(self.call_id, arrived.trunk_id, arrived.number, arrived.called))

    def record_bridged(self) -> None:
        """Have it recorded from the bridge on."""
        self.command = replace(self._terms, record=True)

    # --- what the desk asks -----------------------------------------------------------------

    def bridge(
        self, seat: TalkingSeat, *, zip_tone: bool, replay_greeting: bool = False
    ) -> Refusal | None:
        """Answer if need be, and join; a seat that cannot take it leaves the call as it is."""
        leg = seat.leg_for_call()
        if isinstance(leg, Refusal):
            return leg
        if self.phase is CallPhase.RINGING and not self._over:
            self._answer()
        self._line.hush()
        return super().bridge(seat, zip_tone=zip_tone)

    def wait(self, within_s: float) -> Refusal | None:
        """Answer, and let the caller wait with music; harmless when it waits already."""
        if self.phase is CallPhase.WAITING:
            return None
        if self.phase is not CallPhase.RINGING or self._over:
            return Refusal("call_not_ringing", f"the call is {self.phase}")
        self._answer()
        played = self._line.play(Prompt.PLEASE_WAIT, on_done=self._line.play_music)
        self._report(CallTreated(self.call_id, Prompt.PLEASE_WAIT, 0, played))
        self._deadline = self._timers.call_later(within_s, partial(self._send_away, "no_seat"))
        return None

    def end_with_prompt(self, prompt: Prompt, *, by: EndedBy, cause: str) -> None:
        """Answer if need be, play a recording, then hang up."""
        if self.phase is CallPhase.RINGING and not self._over:
            self._answer()
        super().end_with_prompt(prompt, by=by, cause=cause)

    # --- inside -----------------------------------------------------------------------------

    @property
    def _terms(self) -> ArrivalTerms:
        return ArrivalTerms(self.call_id, self._arrived.trunk_id)

    def _answer(self) -> None:
        """200 OK: the caller hears us as soon as it has acknowledged that."""
        self._line.hold_back(True)
        self._arrived.on_acknowledged = partial(self._line.hold_back, False)
        self._arrived.answer(self._answer_sdp)
        self._answered_at = self._now()
        self._facts.answered = True
        self._audio.on_digit = self._hear_digit
        if self._arrived.offer:
            self._audio.connect(self._arrived.offer)
        self._move(CallPhase.WAITING)
        self._report(CallAnswered(self.call_id))

    def _desk_is_silent(self) -> None:
        log.warning("nobody at the desk for a call that came in")
        self._answer()
        self._send_away("desk_silent")

    def _send_away(self, cause: str) -> None:
        self._treat(Prompt.ALL_BUSY, Wish(EndedBy.GATEWAY, cause))

    def _decisive_wish(self, ending: SipEnding) -> Wish | None:
        """A caller who gives up before the answer is a customer who hung up."""
        if ending.by == "remote" and not ending.answered:
            return Wish(EndedBy.CUSTOMER, ending.reason)
        return super()._decisive_wish(ending)


class InboundCalls:
    """Takes what the trunks hand over; `refusal()` says why nothing new is taken, or None."""

    def __init__(
        self,
        *,
        calls: CallRegister,
        open_audio: OpenAudio,
        refusal: Callable[[], Refusal | None],
        report: Callable[[Event], None],
        timers: Timers,
        now: Callable[[], float],
        record: Record | None = None,
    ) -> None:
        self._calls = calls
        self._open_audio = open_audio
        self._refusal = refusal
        self._report = report
        self._timers = timers
        self._now = now
        self._record = record
        self._opening: list[ArrivedCall] = []
        self._stopping = False
        self._background = Background()
        self.refused: Counter[str] = Counter()  # by why, since the start

    def take(self, arrived: ArrivedCall) -> None:
        """An INVITE from a trunk. Our audio is made first; the caller hears ringing after it."""
        refusal = STOPPING if self._stopping else self._refusal()
        if refusal is not None:
            self._refuse(arrived, UNAVAILABLE, refusal.error_id)
        elif self._on_the_line(arrived.number):
            self._refuse(arrived, BUSY, "on_the_line")
        elif self._ringing(arrived.trunk_id) >= MOST_RINGING:
            self._refuse(arrived, BUSY, "too_many_ringing")
        else:
            self._opening.append(arrived)
            self._background.spawn(self._open(arrived))

    def answer(self, command: AnswerCall) -> Refusal | None:
        """The action of `AnswerCall`."""
        call = self._calls.find(command.call_id)
        if not isinstance(call, InboundCall):
            return not_known(command.call_id)
        return call.wait(command.within_s)

    async def stop(self, *, within_s: float) -> None:
        """No new ones, and none of those whose audio is still being made."""
        self._stopping = True
        await self._background.stop(within_s=within_s)

    def _live(self) -> list[InboundCall]:
        return [call for call in self._calls.all_calls() if isinstance(call, InboundCall)]

    def _on_the_line(self, number: str) -> bool:
        opening = (arrived.number for arrived in self._opening)
        return number != "" and number in (*opening, *(call.number for call in self._live()))

    def _ringing(self, trunk_id: str) -> int:
        """Calls of the trunk that nobody has answered yet."""
        opening = sum(arrived.trunk_id == trunk_id for arrived in self._opening)
        ringing = [call for call in self._live() if call.phase is CallPhase.RINGING]
        return opening + sum(call.state.trunk_id == trunk_id for call in ringing)

    def _refuse(self, arrived: ArrivedCall, code: int, why: str) -> None:
        self.refused[why] += 1
        log.info("a call that came in is refused", extra={"reason": why})
        arrived.reject(code)

    async def _open(self, arrived: ArrivedCall) -> None:
        try:
            audio = await self._open_audio(arrived.trunk_id)
        except OSError:
            self._refuse(arrived, UNAVAILABLE, "no_media_port")
            return
        finally:
            self._opening.remove(arrived)
        if arrived.over:  # the caller gave up meanwhile
            audio.close()
            return
        if self._stopping:
            audio.close()
            self._refuse(arrived, UNAVAILABLE, STOPPING.error_id)
            return
        try:
            call = InboundCall(
                arrived,
                audio,
                report=self._report,
                timers=self._timers,
                now=self._now,
                on_over=self._calls.forget,
                record=self._record,
            )
        except SdpError:
            audio.close()
            self._refuse(arrived, NOT_ACCEPTABLE, "no_codec_in_common")
            return
        self._calls.keep(call)
        call.ring()
