"""A seat lent to a call of another gateway: its audio goes to the relay, the relay's to it.

For the seat it is a talk as any other: nobody else gets it, the device check is refused, mute
works here, and when the page is reloaded the new leg takes over with its first packet. Whether the
operator is still there is judged where the call is (`talks.py`): here silence is just silence.
"""

from __future__ import annotations

from softphone.audio.g711 import silence
from softphone.relay.leg import RelayLeg
from softphone.rtp.leg import Leg
from softphone.seats import Seat, StandingLeg


class Loan:
    """See the module. `call_id` is whose seat it is for the time being."""

    def __init__(self, call_id: str, seat: Seat, leg: Leg, relay: RelayLeg) -> None:
        self.call_id = call_id
        self._seat = seat
        self._leg = leg
        self._relay = relay
        self._next_leg: StandingLeg | None = None
        self._muted = False

    def start(self) -> None:
        """Take the seat and join its leg to the relay."""
        self._seat.take(self)
        self._join(self._leg)

    def mute(self, on: bool) -> None:
        """On: the call hears silence in the place of the operator."""
        self._muted = on

    def seat_connected(self, leg: StandingLeg) -> None:
        """The seat has a new leg; it takes over with its first packet."""
        if self._next_leg is not None:
            self._next_leg.sink = None
        self._next_leg = leg

        def first(payload: bytes, timestamp: int) -> None:
            self._next_leg = None
            self._join(leg)
            self._up(payload, timestamp)

        leg.sink = first

    def seat_dropped(self) -> None:
        """The leg is gone; the call finds out by its silence."""

    def end(self, *, customer_gone: bool) -> None:
        """Give the seat back, with a short falling tone when the operator did not end the talk."""
        self._leg.sink = self._relay.sink = None
        if self._next_leg is not None:
            self._next_leg.sink = None
        self._seat.release(customer_gone=customer_gone)

    def _join(self, leg: Leg) -> None:
        if self._leg is not leg:
            self._leg.sink = None
        self._leg = leg
        self._relay.speak(leg.codec)
        leg.sink = self._up
        self._relay.sink = self._down

    def _up(self, payload: bytes, timestamp: int) -> None:
        """The operator, to the call."""
        if self._muted:
            payload = silence(self._leg.codec, len(payload))
        self._relay.send(payload, source=self._leg, timestamp=timestamp)

    def _down(self, payload: bytes, timestamp: int) -> None:
        """The call, to the operator; the relay speaks the law of the leg."""
        self._leg.send(payload, source=self._relay, timestamp=timestamp)
