"""RTCP as octets and as figures (RFC 3550 §6): our reports on a stream, and the peer's on ours.

Read strictly, because anybody who knows a port may send to it: a compound begins with a report,
every length fits, and what is not about our own stream says nothing. No sockets here.
"""

from __future__ import annotations

import random
import struct
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from softphone.rtp.stream import IncomingStream, OutgoingStream

SENDER_REPORT, RECEIVER_REPORT, SOURCE_DESCRIPTION = 200, 201, 202
# RFC 5761 §4: the second octets that are RTCP's when it shares a port with RTP.
PACKET_TYPES = range(192, 224)

_HEADER = struct.Struct("!BBH")
_SSRC = struct.Struct("!L")
_SENDER = struct.Struct("!QLLL")
_BLOCK = struct.Struct("!LLLLLL")
_NTP_EPOCH_OFFSET_S = 2208988800  # 1900 to 1970
_CNAME = b"gateway"  # says nothing about us, and nobody has to match two of our streams
_ABSURD_S = 60
_CLOCK_HZ = 8000


@dataclass(frozen=True, slots=True)
class HeardQuality:
    """The peer's last report on our stream: share of packets lost, jitter, round trip."""

    lost_share: float
    jitter_ms: float
    round_trip_ms: float | None


@dataclass(frozen=True, slots=True)
class ReportBlock:
    """What one report says of one stream. Times are NTP's middle 32 bits, or 1/65536 s."""

    ssrc: int
    fraction_lost: int  # of 256, since the report before
    jitter: int  # in samples
    last_report: int
    delay: int


@dataclass(frozen=True, slots=True)
class Report:
    """A sender's or receiver's report; `sent_at` is None in the latter."""

    ssrc: int
    sent_at: int | None
    blocks: tuple[ReportBlock, ...]


def parse_reports(datagram: bytes) -> tuple[Report, ...]:
    """The reports of a compound packet; none when it is not one, whole and in order."""
    reports = []
    for kind, count, body in _packets(datagram):
        if kind not in (SENDER_REPORT, RECEIVER_REPORT):
            continue
        report = _report(kind, count, body)
        if report is None:
            return ()
        reports.append(report)
    return tuple(reports)


def _packets(datagram: bytes) -> Iterator[tuple[int, int, bytes]]:
    """(type, count, body) of each packet; nothing at all unless every length fits."""
    found: list[tuple[int, int, bytes]] = []
    at = 0
    while at + _HEADER.size <= len(datagram):
        flags, kind, words = _HEADER.unpack_from(datagram, at)
        end = at + 4 + 4 * words
        if flags >> 6 != 2 or end > len(datagram):
            return
        if not found and kind not in (SENDER_REPORT, RECEIVER_REPORT):
            return
        found.append((kind, flags & 0x1F, datagram[at + 4 : end]))
        at = end
    if at == len(datagram):
        yield from found


def _report(kind: int, count: int, body: bytes) -> Report | None:
    head = _SSRC.size + (_SENDER.size if kind == SENDER_REPORT else 0)
    if len(body) < head + count * _BLOCK.size:
        return None
    sent_at = None
    if kind == SENDER_REPORT:
        sent_at = (_SENDER.unpack_from(body, _SSRC.size)[0] >> 16) & 0xFFFFFFFF
    blocks = []
    for place in range(count):
        ssrc, lost, _, jitter, last, delay = _BLOCK.unpack_from(body, head + place * _BLOCK.size)
        blocks.append(ReportBlock(ssrc, lost >> 24, jitter, last, delay))
    return Report(_SSRC.unpack_from(body)[0], sent_at, tuple(blocks))


def report_interval_s(rng: random.Random | random.SystemRandom) -> float:
    """RFC 3550 §6.2: spread, so that legs set up together do not report together."""
    return rng.uniform(2.5, 3.5)


class ReportExchange:
    """Writes and reads the reports of one leg. `wall` is seconds since 1970."""

    def __init__(
        self,
        outgoing: OutgoingStream,
        incoming: IncomingStream,
        *,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.heard: HeardQuality | None = None
        self._outgoing = outgoing
        self._incoming = incoming
        self._wall = wall
        self._last_report: tuple[int, float] | None = None
        self._counted = (0, 0)  # packets received and lost when we last reported
        self._sent = 0

    def compose(self) -> bytes:
        """The next compound packet: sender report if we spoke since the last, and our name."""
        stream = self._outgoing
        blocks = self._reception()
        count, ssrc = len(blocks) // _BLOCK.size, _SSRC.pack(stream.ssrc)
        if stream.packets != self._sent:
            self._sent = stream.packets
            sender = _SENDER.pack(
                self._ntp(),
                stream.timestamp,
                stream.packets & 0xFFFFFFFF,
                stream.octets & 0xFFFFFFFF,
            )
            report = _packet(SENDER_REPORT, count, ssrc + sender + blocks)
        else:
            report = _packet(RECEIVER_REPORT, count, ssrc + blocks)
        name = ssrc + bytes((1, len(_CNAME))) + _CNAME
        return report + _packet(SOURCE_DESCRIPTION, 1, name + bytes(4 - len(name) % 4))

    def read(self, datagram: bytes) -> bool:
        """Take in a compound packet; False when it is none, and nothing has changed."""
        reports = parse_reports(datagram)
        for report in reports:
            if report.sent_at is not None and report.ssrc == self._incoming.ssrc:
                self._last_report = (report.sent_at, self._wall())
            for block in report.blocks:
                if block.ssrc == self._outgoing.ssrc:
                    self.heard = self._quality(block)
        return bool(reports)

    def _quality(self, block: ReportBlock) -> HeardQuality:
        round_trip = None
        if block.last_report:
            elapsed = ((self._ntp() >> 16) - block.last_report - block.delay) & 0xFFFFFFFF
            if elapsed < _ABSURD_S << 16:  # clocks may step; an absurd figure is no figure
                round_trip = elapsed * 1000 / 65536
        return HeardQuality(block.fraction_lost / 256, block.jitter * 1000 / _CLOCK_HZ, round_trip)

    def _reception(self) -> bytes:
        """What we say of the peer's stream, if there is one."""
        if self._incoming.ssrc is None:
            return b""
        now = self._incoming.report()
        received, lost = now.received - self._counted[0], now.lost - self._counted[1]
        if received < 0:  # another stream
            received, lost = now.received, now.lost
        self._counted = (now.received, now.lost)
        share = max(0, lost) * 256 // max(1, received + max(0, lost))
        since, at = self._last_report or (0, self._wall())
        return _BLOCK.pack(
            self._incoming.ssrc,
            min(255, share) << 24 | min(now.lost, 0x7FFFFF),
            now.highest_sequence,
            round(now.jitter_ms * _CLOCK_HZ / 1000),
            since,
            round((self._wall() - at) * 65536) & 0xFFFFFFFF,
        )

    def _ntp(self) -> int:
        return int((self._wall() + _NTP_EPOCH_OFFSET_S) * 2**32)


def _packet(kind: int, count: int, body: bytes) -> bytes:
    return _HEADER.pack(0x80 | count, kind, len(body) // 4) + body
