"""The seats: each has one standing leg to its operator's browser, replaced when the page reloads.

A new `OpenSeat` never disturbs a live call. The old leg stays until the new one is connected, and
the talk goes over to the new one with its first packet; if the new one never connects, nothing has
changed. So a reload, a second tab and a page that came back after a network loss are the same case.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Literal, Protocol, cast

from softphone.audio.prompts import load_sounds
from softphone.audio.ticker import Ticker
from softphone.background import Background
from softphone.protocol import Event, Refusal, SeatDown, SeatState, SeatUp
from softphone.rtp.leg import Leg
from softphone.rtp.player import Player
from softphone.rtp.rtcp import HeardQuality
from softphone.rtp.stream import ReceptionReport
from softphone.webrtc.device_check import DeviceCheck
from softphone.webrtc.leg import SeatLeg

# An echo nobody stopped: the page was closed in the middle of the device check.
ECHO_AT_MOST_S = 60.0
# Consent is checked about every second and given up after four; the browser checks more rarely.
CONSENT_SILENT_S = 3.0


class StandingLeg(Leg, Protocol):
    """What seats need of `webrtc.leg.SeatLeg`, beside what every leg has."""

    answer_sdp: str
    connected: asyncio.Future[None]
    on_lost: Callable[[str], None] | None

    @property
    def consent_age_s(self) -> float: ...

    @property
    def level_dbfs(self) -> float: ...

    @property
    def noise_dbfs(self) -> float: ...

    @property
    def received(self) -> ReceptionReport: ...

    @property
    def heard(self) -> HeardQuality | None: ...

    async def close(self) -> None: ...


class Occupation(Protocol):
    """What a seat is busy with: a talk here, or one of another gateway it was lent to."""

    def mute(self, on: bool) -> None: ...

    def seat_connected(self, leg: StandingLeg, /) -> None: ...

    def seat_dropped(self) -> None: ...


AnswerOffer = Callable[[str], Awaitable[StandingLeg]]


class Seat:
    """One seat. `leg` is connected; `coming` was answered and is still connecting."""

    def __init__(self, seat_id: str, ticker: Ticker) -> None:
        self.seat_id = seat_id
        self.leg: StandingLeg | None = None
        self.coming: StandingLeg | None = None
        self.talk: Occupation | None = None
        self._ticker = ticker
        self._check: DeviceCheck | None = None
        self._gone: Player | None = None

    def leg_for_call(self) -> Leg | Refusal:
        """The leg, if a customer may be joined to it now."""
        if self.talk is not None:
            return Refusal("seat_busy", "the seat is in a call")
        if self.leg is None:
            return Refusal("seat_not_connected", "the seat has no connected leg")
        # Between calls the page sends no audio (nothing said at the desk leaves it), so silence
        # says nothing; a browser that is alive goes on answering the consent checks.
        if self.leg.consent_age_s > CONSENT_SILENT_S:
            return Refusal("seat_silent", "the seat's browser no longer answers consent checks")
        return self.leg

    def take(self, occupant: Occupation, /) -> None:
        """Enter a call; whatever was playing ends."""
        self._fall_silent()
        self.talk = occupant

    def release(self, *, customer_gone: bool) -> None:
        """Leave the call, with a short falling tone when the operator did not end it."""
        self.talk = None
        if customer_gone and self.leg is not None:
            frames = load_sounds().customer_gone.frames(self.leg.codec)
            self._gone = Player(self._ticker, frames, self.leg)
            self._gone.start()

    def test(self, kind: Literal["tone", "echo", "stop"]) -> Refusal | None:
        """The device check; never in a call."""
        if self.talk is not None:
            return Refusal("seat_busy", "the seat is in a call")
        if self.leg is None:
            return Refusal("seat_not_connected", "the seat has no connected leg")
        self._fall_silent()
        if kind != "stop":
            self._check = DeviceCheck(cast(SeatLeg, self.leg), self._ticker)
            if kind == "tone":
                self._check.play_tone()
            else:
                self._check.echo(ECHO_AT_MOST_S)
        return None

    def mute(self, on: bool) -> Refusal | None:
        """Keep the operator's voice from the customer. Each call starts unmuted."""
        if self.talk is None:
            return Refusal("seat_not_in_call", "there is no call to mute")
        self.talk.mute(on)
        return None

    def adopt(self, leg: StandingLeg) -> StandingLeg | None:
        """Make a connected leg the seat's; returns the one it replaces."""
        self._fall_silent()
        replaced, self.leg, self.coming = self.leg, leg, None
        if self.talk is not None:
            self.talk.seat_connected(leg)
        return replaced

    def drop_leg(self) -> StandingLeg | None:
        """The leg is gone or must go."""
        self._fall_silent()
        dropped, self.leg = self.leg, None
        if dropped is not None and self.talk is not None:
            self.talk.seat_dropped()
        return dropped

    def _fall_silent(self) -> None:
        if self._check is not None:
            self._check.stop()
            self._check = None
        if self._gone is not None:
            self._gone.stop()
            self._gone = None


class Seats:
    """All seats of this gateway, by id. A seat without any leg and without a call is forgotten."""

    def __init__(
        self,
        answer: AnswerOffer,
        *,
        ticker: Ticker,
        report: Callable[[Event], None],
    ) -> None:
        self._answer = answer
        self._ticker = ticker
        self._report = report
        self.on_connected: Callable[[Seat], None] = lambda seat: None  # one that is in no talk
        self._seats: dict[str, Seat] = {}
        self._background = Background()

    def find(self, seat_id: str) -> Seat | None:
        return self._seats.get(seat_id)

    def all_seats(self) -> tuple[Seat, ...]:
        return tuple(self._seats.values())

    def states(self) -> tuple[SeatState, ...]:
        """The seats as a snapshot shows them."""
        return tuple(SeatState(s.seat_id, s.leg is not None) for s in self._seats.values())

    async def open(self, seat_id: str, offer_sdp: str) -> str:
        """Answer the browser's offer; `SeatUp` follows when the leg is connected.

        Raises what the answering raises: `BadOffer`, `NoUsableAddress`, `PortsUsedUp`.
        """
        leg = await self._answer(offer_sdp)
        seat = self._seats.setdefault(seat_id, Seat(seat_id, self._ticker))
        if seat.coming is not None:
            self._background.spawn(seat.coming.close())
        seat.coming = leg
        self._background.spawn(self._await_connection(seat, leg))
        return leg.answer_sdp

    def close(self, seat_id: str) -> Refusal | None:
        """Take the seat's legs down."""
        seat = self._seats.get(seat_id)
        if seat is None:
            return Refusal("seat_unknown", "the seat has no leg here")
        coming, seat.coming = seat.coming, None
        if coming is not None:
            self._background.spawn(coming.close())
        self._take_down(seat, "closed by the desk")
        return None

    async def stop(self, *, within_s: float) -> None:
        """Close every leg."""
        for seat_id in list(self._seats):
            self.close(seat_id)
        await self._background.stop(within_s=within_s)

    async def _await_connection(self, seat: Seat, leg: StandingLeg) -> None:
        try:
            await leg.connected
        except ConnectionError as fault:
            if seat.coming is leg:
                seat.coming = None
                if seat.leg is None:
                    self._report(SeatDown(seat.seat_id, str(fault)))
                self._forget_if_empty(seat)
            return
        if seat.coming is not leg:  # a newer page was faster
            await leg.close()
            return
        leg.on_lost = lambda reason: self._lost(seat, leg, reason)
        replaced = seat.adopt(leg)
        if seat.talk is None:
            self.on_connected(seat)
        self._report(SeatUp(seat.seat_id))
        if replaced is not None:
            await replaced.close()

    def _lost(self, seat: Seat, leg: StandingLeg, reason: str) -> None:
        if seat.leg is leg:
            self._take_down(seat, reason)

    def _take_down(self, seat: Seat, reason: str) -> None:
        dropped = seat.drop_leg()
        if dropped is not None:
            dropped.on_lost = None
            self._background.spawn(dropped.close())
            self._report(SeatDown(seat.seat_id, reason))
        self._forget_if_empty(seat)

    def _forget_if_empty(self, seat: Seat) -> None:
        if seat.leg is None and seat.coming is None and seat.talk is None:
            self._seats.pop(seat.seat_id, None)
