"""The bridge joins a customer's RTP leg to an operator's standing WebRTC leg, and keeps them so.

Joining is the swap of two functions: each arriving packet is handed to the other leg at once, in
the same law, without decoding, buffering or pacing. The ends have jitter buffers; a third one here
would only add delay. What the customer hears instead of the operator (music, a prompt, silence)
goes through the same leg, whose timestamp rule makes the change clean (`rtp/stream.py`).

Others can join: a second party, supervisors. Who then hears whom is said by `hearing.py`; who hears
more than one voice hears them mixed (`listening.py`), everybody else stays on the direct way.

A bridge outlives its seat's leg: when a page is reloaded the customer waits with a prompt and
music, and `replace_seat` joins the new leg to the live call.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from softphone.audio.g711 import silence
from softphone.audio.prompts import Sound, Sounds, load_sounds
from softphone.audio.ticker import Ticker
from softphone.protocol import PartyMode, SupervisionMode
from softphone.rtp.leg import AudioSink, Leg
from softphone.talk.hearing import CUSTOMER, PARTY, SEAT, Situation, who_hears_whom
from softphone.talk.listening import Listener, Playing


class Bridge:
    """The legs of one call. All methods take effect at once and may be called in any order.

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
        self.on_audible = on_audible
        self._ticker = ticker
        self._sounds = sounds or load_sounds()
        self._now = asyncio.get_running_loop().time
        self._listeners: dict[str, Listener] = {}
        self._enter(CUSTOMER, customer)
        self._enter(SEAT, seat)
        self._supervisors: dict[str, SupervisionMode] = {}
        self._party: PartyMode | None = None
        self._muted: set[str] = set()
        self._unheard = {CUSTOMER, SEAT}
        self._joined = self._held = self._seat_away = False
        self._waiting: Playing | None = None
        self._for_seat: Playing | None = None
        self._since = 0.0

    @property
    def seat(self) -> Leg:
        """The operator's leg."""
        return self._listeners[SEAT].leg

    def connect(self, *, zip_tone: bool = True, greeting: Sound | None = None) -> None:
        """Join the legs. The operator hears the zip tone, then the greeting, under the voice."""
        self._joined = True
        self._since = self._now()
        if zip_tone:
            follow = (lambda: self._play_to_seat(greeting)) if greeting is not None else None
            self._play_to_seat(self._sounds.zip_tone, on_done=follow)
        elif greeting is not None:
            self._play_to_seat(greeting)
        self._route()

    def await_audible(self) -> None:
        """Watch once more for a packet in each direction."""
        self._unheard = {CUSTOMER, SEAT}
        self._route()

    def hold(self, on: bool) -> None:
        """On: music to the customer, silence to the operator, whose microphone is not heard."""
        if on != self._held and self._joined:
            self._held = on
            self._since = self._now()
            self._route()

    def mute(self, on: bool, *, who: str = SEAT) -> None:
        """On: the others hear silence instead of the operator (or another), who still hears."""
        (self._muted.add if on else self._muted.discard)(who)
        self._route()

    def seat_lost(self) -> None:
        """The operator's browser is gone: prompt, then music, until `replace_seat`."""
        if not self._seat_away and self._joined:
            self._seat_away = True
            self._route()

    def replace_seat(self, new_leg: Leg) -> None:
        """Go on with another leg for the seat; hold and mute stay as they are."""
        if new_leg is not self.seat:
            self._leave(SEAT)
            self._enter(SEAT, new_leg)
            self._for_seat = None
        self._seat_away = False
        self._since = self._now()
        self._route()

    def media_changed(self) -> None:
        """A leg's law is another one since a re-INVITE."""
        self._route()

    def far_hold(self, on: bool) -> None:
        """On: a quiet tone now and then, because the other side keeps the call on hold."""
        self._play_to_seat(self._sounds.far_hold if on else None, loop=True)

    def drop_seat(self) -> None:
        """The operator's leg goes; the others stay as they are."""
        self._leave(SEAT)
        self._for_seat = None
        self._route()

    # --- others in the call -----------------------------------------------------------------

    def set_party(self, mode: PartyMode | None, leg: Leg | None = None) -> None:
        """Who is joined how with a second party; its leg comes once it has answered."""
        self._party = mode
        if mode is None:
            self._leave(PARTY)
        elif leg is not None:
            self._leave(PARTY)
            self._enter(PARTY, leg)
        self._route()

    def indicate_ringing(self, on: bool) -> None:
        """On: the operator hears that it rings at the second party."""
        self._play_to_seat(self._sounds.ringback if on else None, loop=True)

    def supervise(self, seat_id: str, mode: SupervisionMode, leg: Leg) -> None:
        """A supervisor comes in, goes over to another mode, or has a new leg."""
        present = self._listeners.get(seat_id)
        if present is None or present.leg is not leg:
            self._leave(seat_id)
            self._enter(seat_id, leg)
        self._supervisors[seat_id] = mode
        self._route()

    def announce(self) -> None:
        """The operator hears that somebody has come in, under whatever else is heard."""
        if self._joined and SEAT in self._listeners:
            self._listeners[SEAT].play(self._sounds.notice)

    def stop_supervising(self, seat_id: str) -> None:
        """The supervisor is out of the call; harmless when already so."""
        self._supervisors.pop(seat_id, None)
        self._muted.discard(seat_id)
        self._leave(seat_id)
        self._route()

    # --- the end ----------------------------------------------------------------------------

    def separate(self) -> None:
        """Part the legs and stop all playing; after this nobody hears anything of the others."""
        self._joined = self._held = self._seat_away = False
        self._waiting = self._for_seat = None
        for name in self._listeners:
            self._fall_silent(name)

    def customer_silent_s(self) -> float:
        """Seconds without a packet from the customer's side."""
        return self._now() - max(self._since, self.customer.last_packet_at)

    # --- routes -----------------------------------------------------------------------------

    def _enter(self, name: str, leg: Leg) -> None:
        self._listeners[name] = Listener(leg, self._ticker)

    def _leave(self, name: str) -> None:
        if name in self._listeners:
            self._fall_silent(name)
            del self._listeners[name]

    def _fall_silent(self, name: str) -> None:
        self._listeners[name].close()
        self._listeners[name].leg.sink = None

    def _route(self) -> None:
        """Set what happens to arriving packets to what the situation says."""
        if not self._joined:
            return
        situation = Situation(
            seat_there=not self._seat_away,
            held=self._held,
            party=self._party,
            supervisors=self._supervisors,
        )
        hearing = who_hears_whom(situation)
        for name, listener in self._listeners.items():
            heard = (self._listeners.get(other) for other in hearing.heard_by.get(name, ()))
            listener.hear([other.leg for other in heard if other is not None])
        for name, listener in self._listeners.items():
            others = [self._listeners.get(other) for other in hearing.listeners_of(name)]
            sinks = [other.sink_for(listener.leg) for other in others if other is not None]
            listener.leg.sink = self._sink(name, listener.leg, sinks)
        self._let_wait(hearing.customer_waits)

    def _sink(self, name: str, leg: Leg, sinks: list[AudioSink]) -> AudioSink | None:
        """What happens to the packets of one leg."""
        if not sinks:
            return None
        onward = sinks[0] if len(sinks) == 1 else _to_all(sinks)
        if name in self._muted:
            return _hushed(onward, leg)
        if name not in self._unheard:
            return onward

        def first(payload: bytes, timestamp: int) -> None:
            self._unheard.discard(name)
            leg.sink = onward
            onward(payload, timestamp)
            self._note_audible()

        return first

    def _note_audible(self) -> None:
        if not self._unheard and self.on_audible is not None:
            callback, self.on_audible = self.on_audible, None
            callback()

    # --- sounds -----------------------------------------------------------------------------

    def _play_to_seat(
        self,
        sound: Sound | None,
        *,
        loop: bool = False,
        on_done: Callable[[], None] | None = None,
    ) -> None:
        """Replace whatever the operator hears from us by this sound, or by nothing."""
        listener = self._listeners.get(SEAT)
        if listener is None:
            return
        if self._for_seat is not None:
            listener.stop(self._for_seat)
            self._for_seat = None
        if sound is not None:
            self._for_seat = listener.play(sound, loop=loop, on_done=on_done)

    def _let_wait(self, waits: bool) -> None:
        """Music to a customer who is in no conversation, after a prompt if the seat was lost."""
        listener = self._listeners[CUSTOMER]
        if not waits and self._waiting is not None:
            listener.stop(self._waiting)
            self._waiting = None
        elif waits and self._waiting is None:
            if self._seat_away and not self._held:
                self._waiting = listener.play(self._sounds.hold, on_done=self._play_music)
            else:
                self._play_music()

    def _play_music(self) -> None:
        self._waiting = self._listeners[CUSTOMER].play(self._sounds.hold_music, loop=True)


def _to_all(sinks: list[AudioSink]) -> AudioSink:
    def fan_out(payload: bytes, timestamp: int) -> None:
        for sink in sinks:
            sink(payload, timestamp)

    return fan_out


def _hushed(onward: AudioSink, leg: Leg) -> AudioSink:
    def hush(payload: bytes, timestamp: int) -> None:
        onward(silence(leg.codec, len(payload)), timestamp)

    return hush
