"""How every leg sounds, once a second: loss, jitter, delay, noise, and an estimate of the opinion.

A leg is noisy when what is left between words is less than 12 dB below speech at its nominal level
(-26 dBov, ITU-T P.56): that close, listeners ask to repeat.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from softphone.opinion import mean_opinion
from softphone.protocol import CallQuality, SeatLiveness
from softphone.rtp.leg import Reports, TrunkMedia
from softphone.rtp.stream import ReceptionReport
from softphone.seats import Seat, StandingLeg

# JSON knows no infinity; a leg that never heard anything is as old as the longest shift.
_NEVER_S = 86_400.0

NOISY_DBFS = -38.0
# A floor that wavers around the limit would make the word on the page come and go.
QUIET_DBFS = -41.0
# A leg we sent nothing to lately has nothing to say about how we sound.
_SPOKEN_TO_WITHIN_S = 5.0


class BridgedCall(Protocol):
    """A call with its customer's leg; `media` is None while it is not bridged."""

    @property
    def call_id(self) -> str: ...

    @property
    def media(self) -> TrunkMedia | None: ...


class SeatQuality:
    """Turns the seats' running counts into figures of the last second."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._losses = _Losses()
        self._noise = _Noise()

    def measure(self, seats: Iterable[Seat]) -> tuple[SeatLiveness, ...]:
        """One entry for each seat that has a leg, connected or on its way."""
        measured = []
        for seat in seats:
            leg = seat.leg or seat.coming
            if leg is not None:
                measured.append(self._measure(seat, leg))
        known = {each.seat_id for each in measured}
        self._losses.keep(known)
        self._noise.keep(known)
        return tuple(measured)

    def _measure(self, seat: Seat, leg: StandingLeg) -> SeatLiveness:
        heard = leg.heard
        spoken_to = self._now() - leg.last_sent_at < _SPOKEN_TO_WITHIN_S
        received = leg.received
        speaks = self._losses.grew(seat.seat_id, received)
        loss = self._losses.take(seat.seat_id, received)
        # The worse direction: what the operator hears as reported, what the customer gets of them.
        opinions = []
        if heard is not None and spoken_to:
            opinions.append(_opinion_of(heard))
        if speaks:
            rtt_ms = (heard.round_trip_ms if heard is not None else None) or 0.0
            opinions.append(
                mean_opinion(loss=loss, jitter_ms=received.jitter_ms, delay_ms=rtt_ms / 2)
            )
        return SeatLiveness(
            seat_id=seat.seat_id,
            connected=seat.leg is not None,
            consent_age_s=min(leg.consent_age_s, _NEVER_S),
            packet_age_s=min(self._now() - leg.last_packet_at, _NEVER_S),
            level_dbfs=leg.level_dbfs,
            loss=loss,
            jitter_ms=received.jitter_ms,
            rtt_ms=heard.round_trip_ms if heard is not None else None,
            mos=min(opinions, default=None),
            noisy=self._noise.judge(seat.seat_id, leg.noise_dbfs),
        )


class TrunkQuality:
    """The same for the customers' legs of bridged calls."""

    def __init__(self) -> None:
        self._losses = _Losses()
        self._noise = _Noise()

    def measure(self, calls: Iterable[BridgedCall]) -> tuple[CallQuality, ...]:
        """One entry for each call that is bridged."""
        measured = []
        for call in calls:
            media = call.media
            if media is not None:
                measured.append(self._measure(call.call_id, media))
        known = {each.call_id for each in measured}
        self._losses.keep(known)
        self._noise.keep(known)
        return tuple(measured)

    def _measure(self, call_id: str, media: TrunkMedia) -> CallQuality:
        received, heard = media.received, media.heard
        speaks = self._losses.grew(call_id, received)
        loss = self._losses.take(call_id, received)
        rtt_ms = heard.round_trip_ms if heard is not None else None
        mos = None
        if speaks:
            mos = mean_opinion(
                loss=loss, jitter_ms=received.jitter_ms, delay_ms=(rtt_ms or 0.0) / 2
            )
        return CallQuality(
            call_id=call_id,
            loss=loss,
            jitter_ms=received.jitter_ms,
            rtt_ms=rtt_ms,
            sent_loss=heard.lost_share if heard is not None else None,
            mos=mos,
            noisy=self._noise.judge(call_id, media.noise_dbfs),
        )


def _opinion_of(heard: Reports) -> float:
    return mean_opinion(
        loss=heard.lost_share,
        jitter_ms=heard.jitter_ms,
        delay_ms=(heard.round_trip_ms or 0.0) / 2,
    )


class _Losses:
    """The share of packets lost since the last look, by leg."""

    def __init__(self) -> None:
        self._before: dict[str, ReceptionReport] = {}

    def take(self, name: str, now: ReceptionReport) -> float:
        """Packets lost of those due since the last look; a new stream starts anew."""
        before, self._before[name] = self._before.get(name), now
        if before is None or now.received < before.received:
            before = ReceptionReport(received=0, lost=0, highest_sequence=0, jitter_ms=0.0)
        lost = max(0, now.lost - before.lost)
        expected = lost + now.received - before.received
        return lost / expected if expected else 0.0

    def grew(self, name: str, now: ReceptionReport) -> bool:
        """Whether anything arrived since the last look."""
        before = self._before.get(name)
        return now.received > 0 and (before is None or now.received != before.received)

    def keep(self, names: set[str]) -> None:
        """Forget all others."""
        for name in self._before.keys() - names:
            del self._before[name]


class _Noise:
    """Which legs are noisy."""

    def __init__(self) -> None:
        self._noisy: set[str] = set()

    def judge(self, name: str, floor_dbfs: float) -> bool:
        """Whether a leg with this noise floor (of five seconds) is noisy."""
        if floor_dbfs > NOISY_DBFS:
            self._noisy.add(name)
        elif floor_dbfs < QUIET_DBFS:
            self._noisy.discard(name)
        return name in self._noisy

    def keep(self, names: set[str]) -> None:
        """Forget all others."""
        self._noisy &= names
