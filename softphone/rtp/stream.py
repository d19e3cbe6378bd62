"""The two halves of an RTP stream: numbering what is sent, counting what arrives. No I/O.

The outgoing half holds the rule that keeps voices prompt. A leg's audio comes from changing
sources: silence, a prompt, the other party, music. A receiver reads a gap in arrival that the
timestamps do not show as network delay and buffers against it: a browser fed a timestamp that
merely continued after an idle spell put up to a second of delay on the voice, for the rest of the
call. So at every change of source the timestamp advances by the wall time that passed; within one
source its own spacing is kept, for it alone knows what was lost or left out on the way.
"""

from __future__ import annotations

from dataclasses import dataclass

from softphone.audio.g711 import SAMPLE_RATE
from softphone.rtp.packet import RtpPacket, build

_WORD = 0xFFFFFFFF
# A source whose timestamp jumps by this much has started a new timeline.
_JUMP_SAMPLES = 2 * SAMPLE_RATE
# A source without timestamps that was quiet for this long has paused, not jittered.
_PAUSE_S = 0.1


def _signed(difference: int) -> int:
    """A 32-bit difference as the shorter way round."""
    return ((difference + 0x80000000) & _WORD) - 0x80000000


class OutgoingStream:
    """Numbers the packets of one stream. Start values are the caller's, and should be random."""

    __slots__ = (
        "_length",
        "_sent_at",
        "_source",
        "_source_timestamp",
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
        self._source: object = None
        self._source_timestamp: int | None = None
        self._sent_at: float | None = None
        self._length = 0

    def packet(self, payload: bytes, *, source: object, timestamp: int | None, now: float) -> bytes:
        """The next datagram. `now` in seconds; `timestamp` is the source's own, in samples."""
        step = self._spacing(source, timestamp, now)
        fresh = step is None
        if step is None:
            step = self._wall_step(now)
        stamped = (self.timestamp + step) & _WORD
        if fresh or step >= 0:  # a packet that overtook this one already moved the clock
            self.timestamp = stamped
            self._source_timestamp = timestamp
            self._sent_at = now
        self._source = source
        self._length = len(payload)
        self.sequence = (self.sequence + 1) & 0xFFFF
        self.packets += 1
        self.octets += len(payload)
        return build(
            payload,
            payload_type=self.payload_type,
            sequence=self.sequence,
            timestamp=stamped,
            ssrc=self.ssrc,
            marker=fresh,  # RFC 3551 §4.1: the first packet after a pause
        )

    def _spacing(self, source: object, timestamp: int | None, now: float) -> int | None:
        """Samples since the last packet by the source's own clock; None when it has none."""
        if source is not self._source or self._sent_at is None:
            return None
        if timestamp is None or self._source_timestamp is None:
            return self._length if now - self._sent_at < _PAUSE_S else None
        step = _signed(timestamp - self._source_timestamp)
        return step if -_JUMP_SAMPLES < step < _JUMP_SAMPLES else None

    def _wall_step(self, now: float) -> int:
        if self._sent_at is None:
            return 0
        return max(self._length, round((now - self._sent_at) * SAMPLE_RATE))


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
