"""The two halves of an RTP stream: numbering what is sent, counting what arrives. No I/O.

The outgoing half holds the rule that keeps voices prompt. A leg's audio comes from changing
sources: silence, a prompt, the other party, music. A receiver reads a gap in arrival that the
timestamps do not show as network delay and buffers against it: a browser fed a timestamp that
merely continued after an idle spell put up to a second of delay on the voice, for the rest of the
call. So the stream's timestamps follow wall time from its first packet to its last. Within one
source its own spacing is kept, for it alone knows what was lost or left out on the way.

Time is spoken for once. When a starved browser falls silent, silence is filled in; when the held
back packets then arrive in a burst, those of the time that was filled are left out. Sending both
made the stream longer than real time, and the listener heard everybody later and later.
"""

from __future__ import annotations

from dataclasses import dataclass

from softphone.audio.g711 import SAMPLE_RATE
from softphone.rtp.packet import RtpPacket, build

_WORD = 0xFFFFFFFF
# A source this far from wall time has started a new timeline.
_JUMP_SAMPLES = 2 * SAMPLE_RATE
# A source without timestamps that was quiet for this long has paused, not jittered.
_PAUSE_S = 0.1
_PAUSE_SAMPLES = round(_PAUSE_S * SAMPLE_RATE)
# How far the stream may run ahead of wall time, which is how much later all of it is heard.
AHEAD_SAMPLES = 60 * SAMPLE_RATE // 1000
# Two sources do not keep step: the second may claim this much of the last packet's time.
_OVERLAP_SAMPLES = 25 * SAMPLE_RATE // 1000
# Speech this old is left out although nothing was sent in its time: a listener who waits for it
# hears the rest of the call as late.
_STALE_SAMPLES = 200 * SAMPLE_RATE // 1000
# Packets that keep being late for so long are not a burst: the way has become longer.
_LATE_FOR_GOOD_S = 0.1
# When all of so many packets were late by more than this, the source's clock is slower than ours
# or its way has become a little longer; its time moves on by that much.
_DRIFT_PACKETS = 64
_DRIFT_SAMPLES = 40 * SAMPLE_RATE // 1000


def _signed(difference: int) -> int:
    """A 32-bit difference as the shorter way round."""
    return ((difference + 0x80000000) & _WORD) - 0x80000000


class _SourceClock:
    """What a source calls `timestamp` is `position` in our stream."""

    __slots__ = ("_behind", "_late_since", "_packets", "position", "sent_at", "source", "timestamp")

    def __init__(self, source: object) -> None:
        self.source = source
        self.timestamp: int | None = None
        self.position = 0
        self.sent_at = -_PAUSE_S
        self._late_since: float | None = None
        self._behind = _JUMP_SAMPLES
        self._packets = 0

    def read(self, timestamp: int | None) -> int | None:
        """The position of a packet; None for a source without timestamps, or a new one."""
        if timestamp is None or self.timestamp is None:
            return None
        return self.position + _signed(timestamp - self.timestamp)

    def goes_on(self, timestamp: int, position: int) -> None:
        """Note a packet that was next and in time: nothing is late, and nothing drifts."""
        self.timestamp = timestamp
        self.position = position
        self._late_since = None
        self._packets = 0

    def set(self, timestamp: int | None, position: int, now: float) -> None:
        self.timestamp = timestamp
        self.position = position
        self.sent_at = now

    def is_late_for_good(self, now: float) -> bool:
        """Note a packet that is late, and say whether they have been late for too long."""
        if self._late_since is None:
            self._late_since = now
        return now - self._late_since > _LATE_FOR_GOOD_S

    def drift(self, behind: int) -> int:
        """Note a packet in time, `behind` wall time; how far the clock has to be put on."""
        self._late_since = None
        self._behind = min(self._behind, behind) if self._packets else behind
        self._packets += 1
        if self._packets < _DRIFT_PACKETS:
            return 0
        least, self._packets = self._behind, 0
        return least if least > _DRIFT_SAMPLES else 0


class OutgoingStream:
    """Numbers the packets of one stream. Start values are the caller's, and should be random.

    Inside, a position is in samples since the first packet, and so is wall time. Two sources are
    remembered, the present one and the one before: silence and the voice it stands in for.
    """

    __slots__ = (
        "_end",
        "_floor",
        "_former",
        "_speaking",
        "_start",
        "_started_at",
        "octets",
        "packets",
        "payload_type",
        "sequence",
        "ssrc",
        "timestamp",
    )

    def __init__(self, *, payload_type: int, ssrc: int, sequence: int, timestamp: int) -> None:
        self.payload_type = payload_type
        self.ssrc = ssrc
        self.sequence = sequence & 0xFFFF
        self.timestamp = timestamp & _WORD
        self.packets = 0
        self.octets = 0
        self._start = timestamp
        self._started_at: float | None = None
        self._end = 0  # of all that was sent
        self._floor = 0  # of what was sent before the present source
        self._speaking = self._former = _SourceClock(None)

    def packet(
        self, payload: bytes, *, source: object, timestamp: int | None, now: float
    ) -> bytes | None:
        """The next datagram, or None for a packet whose time is over and which is left out.

        `now` in seconds; `timestamp` is the source's own, in samples.
        """
        if self._started_at is None:
            self._started_at = now
        wall = round((now - self._started_at) * SAMPLE_RATE)
        length = len(payload)
        clock = self._speaking
        marker = False
        if (
            clock.source is source
            and timestamp is not None
            and clock.timestamp == timestamp - length
            and clock.position == self._end - length
            and -_DRIFT_SAMPLES < self._end - wall <= AHEAD_SAMPLES
        ):
            position = self._end  # nearly all packets: the next one, in time
            clock.goes_on(timestamp, position)
            self.timestamp = (self._start + position) & _WORD
            self._end = position + length
        else:
            placed = self._place(source, timestamp, length=length, wall=wall, now=now)
            if placed is None:
                return None
            position, marker = placed
        self.sequence = (self.sequence + 1) & 0xFFFF
        self.packets += 1
        self.octets += length
        return build(
            payload,
            payload_type=self.payload_type,
            sequence=self.sequence,
            timestamp=(self._start + position) & _WORD,
            ssrc=self.ssrc,
            marker=marker,
        )

    def _place(
        self, source: object, timestamp: int | None, *, length: int, wall: int, now: float
    ) -> tuple[int, bool] | None:
        """Where a packet goes, and whether it is marked; None when it is left out."""
        clock = self._clock(source)
        position = self._wished(clock, timestamp, wall, now)
        if position > wall + AHEAD_SAMPLES:
            position = max(self._end, wall)
            if position > wall + AHEAD_SAMPLES:
                clock.set(timestamp, self._end - length, now)
                return None
        elif position < 0:
            return None
        # RFC 3551 §4.1: the first packet after a pause is marked.
        marker = clock is not self._speaking or position - self._end > _PAUSE_SAMPLES
        if clock is not self._speaking:
            self._former, self._speaking = self._speaking, clock
            self._floor = self._end
        if position >= self._end:  # else a packet that was overtaken by later ones
            clock.set(timestamp, position, now)
            self.timestamp = (self._start + position) & _WORD
        self._end = max(self._end, position + length)
        return position, marker

    def _clock(self, source: object) -> _SourceClock:
        if self._speaking.source is source:
            return self._speaking
        return self._former if self._former.source is source else _SourceClock(source)

    def _wished(self, clock: _SourceClock, timestamp: int | None, wall: int, now: float) -> int:
        """The position a packet should have; -1 when others have spoken in its time."""
        floor = self._floor if clock is self._speaking else self._end
        position = clock.read(timestamp)
        if position is None and timestamp is None and now - clock.sent_at < _PAUSE_S:
            position = self._end
        if position is None or abs(position - wall) >= _JUMP_SAMPLES:
            return max(floor, wall)
        if position < max(floor - _OVERLAP_SAMPLES, wall - _STALE_SAMPLES):
            return max(floor, wall) if clock.is_late_for_good(now) else -1
        return max(floor, position + clock.drift(wall - position))


@dataclass(frozen=True, slots=True)
class ReceptionReport:
    """What arrived so far: packets, packets missing, interarrival jitter (RFC 3550 §6.4.1)."""

    received: int
    lost: int
    highest_sequence: int
    jitter_ms: float


class IncomingStream:
    """Counts one source's packets over sequence wraps; a new SSRC starts the count anew."""

    __slots__ = ("_base", "_highest", "_jitter", "_transit", "received", "ssrc")

    def __init__(self) -> None:
        self.ssrc: int | None = None
        self._restart(0)

    def _restart(self, sequence: int) -> None:
        self._base = self._highest = sequence
        self.received = 0
        self._jitter = 0.0
        self._transit: float | None = None

    def count(self, packet: RtpPacket, now: float) -> None:
        """Take note of a packet that arrived at `now` (seconds)."""
        if packet.ssrc != self.ssrc:
            self.ssrc = packet.ssrc
            self._restart(packet.sequence)
        self.received += 1
        ahead = ((packet.sequence - self._highest + 0x8000) & 0xFFFF) - 0x8000
        if ahead > 0:
            self._highest += ahead
        transit = now * SAMPLE_RATE - packet.timestamp
        if self._transit is not None:
            change = abs(transit - self._transit)
            if change < _JUMP_SAMPLES:  # else a new timeline, which is not jitter
                self._jitter += (change - self._jitter) / 16
        self._transit = transit

    def report(self) -> ReceptionReport:
        """The figures so far."""
        expected = self._highest - self._base + 1 if self.received else 0
        return ReceptionReport(
            received=self.received,
            lost=max(0, expected - self.received),
            highest_sequence=self._highest & _WORD,
            jitter_ms=self._jitter * 1000 / SAMPLE_RATE,
        )
