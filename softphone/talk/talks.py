"""The talk of one seat with a customer, and what if the operator's browser is lost.

A browser's microphone sends fifty packets a second, muted or not, so most of a second without any
means that the browser, its machine or its network is gone. So does a browser that is heard and no
longer answers our checks: it cannot hear us. The customer is not left in silence: a prompt and
music until the seat's leg is there again (the same one, or the one a reloaded page has made), and
after ten seconds an apology.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from softphone.audio.prompts import Sound
from softphone.protocol import CallBridged, Event, PartyMode, SeatSilent, SupervisionMode
from softphone.rtp.leg import Leg
from softphone.sip.transport.timing import TimerHandle, Timers
from softphone.talk.hearing import SEAT

SEAT_SILENT_S = 0.7  # looked at ten times a second; the desk knows within one, the way included
SEAT_DEAF_S = 0.9
SEAT_LOST_S = 10.0
WATCH_S = 0.1
# Held by the customer's side, with no music of theirs for so long.
FAR_SILENT_S = 1.0
# A customer's phone may send nothing while nobody speaks (silence suppression). After this long the
# bridge is reported although only the operator was heard.
AUDIBLE_AT_LATEST_S = 1.0


class Joint(Protocol):
    """What a talk needs of `softphone.bridge.Bridge`."""

    on_audible: Callable[[], None] | None

    @property
    def seat(self) -> Leg: ...

    def connect(self, *, zip_tone: bool = True, greeting: Sound | None = None) -> None: ...

    def await_audible(self) -> None: ...

    def hold(self, on: bool) -> None: ...

    def far_hold(self, on: bool) -> None: ...

    def mute(self, on: bool, *, who: str = SEAT) -> None: ...

    def seat_lost(self) -> None: ...

    def replace_seat(self, new_leg: Leg) -> None: ...

    def drop_seat(self) -> None: ...

    def media_changed(self) -> None: ...

    def set_party(self, mode: PartyMode | None, leg: Leg | None = None) -> None: ...

    def indicate_ringing(self, on: bool) -> None: ...

    def supervise(self, seat_id: str, mode: SupervisionMode, leg: Leg) -> None: ...

    def stop_supervising(self, seat_id: str) -> None: ...

    def announce(self) -> None: ...

    def customer_silent_s(self) -> float: ...

    def separate(self) -> None: ...


@dataclass(frozen=True)
class Names:
    """Which call and which seat a talk is about."""

    call_id: str
    seat_id: str


class Talk:
    """One call joined to one seat. `on_lost()` is called once, when the seat did not come back.

    `now` is the loop's time in seconds, `answered_at` an instant of it.
    """

    def __init__(
        self,
        names: Names,
        joint: Joint,
        *,
        report: Callable[[Event], None],
        timers: Timers,
        now: Callable[[], float],
        answered_at: float,
        on_lost: Callable[[], None],
    ) -> None:
        self.names = names
        self._joint = joint
        self._report = report
        self._timers = timers
        self._now = now
        self._answered_at = answered_at
        self._on_lost = on_lost
        self._joined_at = self._heard_at = now()
        self._silent = False
        self._far_hold = self._hold_indicated = False
        self._next_leg: Leg | None = None
        self._watch: TimerHandle | None = None

    def start(self, *, zip_tone: bool, greeting: Sound | None = None) -> None:
        """Join the legs; `CallBridged` follows when audio runs both ways."""
        self._joint.on_audible = self._audible
        self._joint.connect(zip_tone=zip_tone, greeting=greeting)
        self._watch = self._timers.call_later(WATCH_S, self._look)

    def resume(self) -> None:
        """Take over legs that are joined already; `CallBridged` follows as after `start`."""
        self._joint.on_audible = self._audible
        self._joint.await_audible()
        self._watch = self._timers.call_later(WATCH_S, self._look)

    def hold(self, on: bool) -> None:
        self._joint.hold(on)

    def mute(self, on: bool) -> None:
        self._joint.mute(on)

    def note_far_hold(self, on: bool) -> None:
        """The customer's side keeps us on hold, or takes us back."""
        self._far_hold = on
        if not on:
            self._indicate_hold(False)

    def seat_connected(self, leg: Leg) -> None:
        """The seat has a new leg; it takes over with its first packet."""
        self._next_leg = leg

    def seat_dropped(self) -> None:
        """The leg is known to be gone; its silence tells when the customer has to be told."""

    def leave(self) -> None:
        """The seat is out of the call, which goes on. Leaving twice is harmless."""
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
        self._joint.on_audible = None

    def end(self) -> None:
        """Part the legs. Ending twice is harmless."""
        self.leave()
        self._joint.separate()

    def _audible(self) -> None:
        self._joint.on_audible = None
        after_ms = round((self._now() - self._answered_at) * 1000)
        self._report(CallBridged(self.names.call_id, self.names.seat_id, after_ms))

    def _look(self) -> None:
        """Ten times a second: is the seat there, and is it a new one?"""
        self._watch = self._timers.call_later(WATCH_S, self._look)
        if self._next_leg is not None and self._next_leg.last_packet_at > 0.0:
            self._joint.replace_seat(self._next_leg)
            self._next_leg = None
        self._heard_at = max(self._heard_at, self._joint.seat.last_packet_at)
        silent_s, deaf_s = self._now() - self._heard_at, self._joint.seat.unanswered_s
        if max(silent_s, deaf_s) >= SEAT_LOST_S:
            self.end()
            self._on_lost()
        elif silent_s >= SEAT_SILENT_S or deaf_s >= SEAT_DEAF_S:
            self._note_silence()
        elif self._silent:
            self._note_return()
        elif self._joint.on_audible and self._now() - self._joined_at >= AUDIBLE_AT_LATEST_S:
            self._audible()
        if self._far_hold:
            self._indicate_hold(self._joint.customer_silent_s() >= FAR_SILENT_S)

    def _indicate_hold(self, on: bool) -> None:
        """A held line on which nothing comes sounds like a dead one: a tone says it is not."""
        if on != self._hold_indicated:
            self._hold_indicated = on
            self._joint.far_hold(on)

    def _note_silence(self) -> None:
        if not self._silent:
            self._silent = True
            self._joint.seat_lost()
            self._report(SeatSilent(self.names.call_id, self.names.seat_id, silent=True))

    def _note_return(self) -> None:
        self._silent = False
        self._joint.replace_seat(self._joint.seat)
        self._report(SeatSilent(self.names.call_id, self.names.seat_id, silent=False))
