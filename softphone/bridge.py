"""The bridge joins a customer's RTP leg to an operator's standing WebRTC leg, and keeps them so.

Joining is the swap of two functions: each arriving packet is handed to the other leg at once, in
the same law, without decoding, buffering or pacing. The ends have jitter buffers; a third one here
would only add delay. What the customer hears instead of the operator (music, a prompt, silence)
goes through the same leg, whose timestamp rule makes the change clean (`rtp/stream.py`).

A bridge outlives its seat's leg: when a page is reloaded the customer waits with a prompt and
music, and `replace_seat` joins the new leg to the live call.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from softphone.audio.g711 import silence, translation
from softphone.audio.player import Player
from softphone.audio.prompts import Sound, Sounds, load_sounds
from softphone.audio.ticker import Ticker
from softphone.rtp.leg import Leg


class Bridge:
    """Two legs as one call. All methods take effect at once and may be called in any order.

    `on_audible()` is called once, when a packet has passed in each direction. The legs are
    neither opened nor closed here. While the bridge plays nothing to the customer and the
    operator's leg is quiet, the customer leg's `SilenceFill` keeps the stream alive.
    """

    def __init__(
        self,
        customer: Leg,
        seat: Leg,
        ticker: Ticker,
        *,
        on_audible: Callable[[], None] | None = None,
        sounds: Sounds | None = None,
    ) -> None:
        self.customer = customer
        self.seat = seat
        self.on_audible = on_audible
        self._ticker = ticker
        self._sounds = sounds or load_sounds()
        self._now = asyncio.get_running_loop().time
        self._joined = False
        self._muted = False
        self._held = False
        self._seat_away = False
        self._zip: Player | None = None
        self._to_customer: Player | None = None
        self._since = 0.0
        self._passed_down = self._passed_up = False

    def connect(self, *, zip_tone: bool = True) -> None:
        """Join the legs. The operator hears the zip tone first (160 ms), the customer nothing."""
        self._joined = True
        self._since = self._now()
        if zip_tone:
            self._play_zip()
        self._route()

    def hold(self, on: bool) -> None:
        """On: music to the customer, silence to the operator, whose microphone is not heard."""
        if on == self._held or not self._joined:
            return
        self._held = on
        self._since = self._now()
        self._play_to_customer(self._waiting_sound(), loop=True)
        self._route()

    def mute(self, on: bool) -> None:
        """On: the customer hears silence instead of the operator, who still hears the customer."""
        self._muted = on
        self._route()

    def seat_lost(self) -> None:
        """The operator's browser is gone: prompt, then music, until `replace_seat`."""
        if self._seat_away or not self._joined:
            return
        self._seat_away = True
        self._route()
        if not self._held:
            self._play_to_customer(self._sounds.hold, on_done=self._play_music)

    def replace_seat(self, new_leg: Leg) -> None:
        """Go on with another leg of the same seat; hold and mute stay as they are."""
        self._stop_zip()
        self.seat.sink = None
        self.seat = new_leg
        was_away, self._seat_away = self._seat_away, False
        self._since = self._now()
        if was_away:
            self._play_to_customer(self._waiting_sound(), loop=True)
        self._route()

    def media_changed(self) -> None:
        """A leg's law is another one since a re-INVITE."""
        self._route()

    def announce(self, sound: Sound, *, on_done: Callable[[], None] | None = None) -> None:
        """Take the operator off the line and play a last message to the customer."""
        self._stop_zip()
        self._joined = self._held = self._seat_away = False
        self._route()
        self._play_to_customer(sound, on_done=on_done)

    def separate(self) -> None:
        """Part the legs and stop all playing; after this neither hears anything of the other."""
        self._joined = self._held = self._seat_away = False
        self._stop_zip()
        self._play_to_customer(None)
        self._route()

    def seat_silent_s(self) -> float:
        """Seconds without a packet from the operator's browser, which sends 50 a second."""
        return self._now() - max(self._since, self.seat.last_packet_at)

    def customer_silent_s(self) -> float:
        """Seconds without a packet from the customer's side."""
        return self._now() - max(self._since, self.customer.last_packet_at)

    def _route(self) -> None:
        """Set what happens to arriving packets to what the state says."""
        talking = self._joined and not self._held and not self._seat_away
        self.customer.sink = self._down() if talking and self._zip is None else None
        self.seat.sink = self._up() if talking else None

    def _down(self) -> Callable[[bytes, int], None]:
        """Customer to operator."""
        customer, send = self.customer, self.seat.send
        table = translation(self.customer.codec, self.seat.codec)

        def first(payload: bytes, timestamp: int) -> None:
            self._passed_down = True
            customer.sink = onward
            onward(payload, timestamp)
            self._note_audible()

        def onward(payload: bytes, timestamp: int) -> None:
            if table is not None:
                payload = payload.translate(table)
            send(payload, source=customer, timestamp=timestamp)

        return onward if self._passed_down else first

    def _up(self) -> Callable[[bytes, int], None]:
        """Operator to customer."""
        seat, send, codec = self.seat, self.customer.send, self.customer.codec
        table = translation(self.seat.codec, codec)

        def first(payload: bytes, timestamp: int) -> None:
            self._passed_up = True
            self._route()
            onward(payload, timestamp)
            self._note_audible()

        def onward(payload: bytes, timestamp: int) -> None:
            if table is not None:
                payload = payload.translate(table)
            send(payload, source=seat, timestamp=timestamp)

        def hushed(payload: bytes, timestamp: int) -> None:
            send(silence(codec, len(payload)), source=seat, timestamp=timestamp)

        if self._muted:
            return hushed
        return onward if self._passed_up else first

    def _note_audible(self) -> None:
        if self._passed_down and self._passed_up and self.on_audible is not None:
            callback, self.on_audible = self.on_audible, None
            callback()

    def _play_zip(self) -> None:
        frames = self._sounds.zip_tone.frames(self.seat.codec)
        self._zip = Player(self._ticker, frames, self.seat, on_done=self._zip_done)
        self._zip.start()

    def _zip_done(self) -> None:
        self._zip = None
        self._route()

    def _stop_zip(self) -> None:
        if self._zip is not None:
            self._zip.stop()
            self._zip = None

    def _waiting_sound(self) -> Sound | None:
        """What a customer hears who cannot hear the operator."""
        return self._sounds.hold_music if self._held or self._seat_away else None

    def _play_music(self) -> None:
        self._play_to_customer(self._sounds.hold_music, loop=True)

    def _play_to_customer(
        self,
        sound: Sound | None,
        *,
        loop: bool = False,
        on_done: Callable[[], None] | None = None,
    ) -> None:
        """Replace whatever the customer hears from us by this sound, or by nothing."""
        if self._to_customer is not None:
            self._to_customer.stop()
            self._to_customer = None
        if sound is not None:
            frames = sound.frames(self.customer.codec)
            self._to_customer = Player(
                self._ticker, frames, self.customer, loop=loop, on_done=on_done
            )
            self._to_customer.start()
