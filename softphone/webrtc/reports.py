"""RTCP for a seat's leg: our reports to the browser, and what the browser says it hears.

RFC 3550 §6.4. Browsers need the sender reports for their statistics; their receiver reports are a
measure of the operator's audio quality that costs nothing.
"""

from __future__ import annotations

import random
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass

from aiortc.rtp import (
    RtcpPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpSdesPacket,
    RtcpSenderInfo,
    RtcpSourceInfo,
    RtcpSrPacket,
)

from softphone.rtp.stream import IncomingStream, OutgoingStream

_NTP_EPOCH_OFFSET_S = 2208988800  # 1900 to 1970
_CNAME = b"gateway"


@dataclass(frozen=True, slots=True)
class HeardQuality:
    """The browser's last report on our stream: share of packets lost, jitter, round trip."""

    lost_share: float
    jitter_ms: float
    round_trip_ms: float | None


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
        reports = self._reception()
        body: RtcpSrPacket | RtcpRrPacket
        if self._outgoing.packets != self._sent:
            self._sent = self._outgoing.packets
            body = RtcpSrPacket(
                ssrc=self._outgoing.ssrc,
                sender_info=RtcpSenderInfo(
                    ntp_timestamp=self._ntp(),
                    rtp_timestamp=self._outgoing.timestamp,
                    packet_count=self._outgoing.packets & 0xFFFFFFFF,
                    octet_count=self._outgoing.octets & 0xFFFFFFFF,
                ),
                reports=reports,
            )
        else:
            body = RtcpRrPacket(ssrc=self._outgoing.ssrc, reports=reports)
        name = RtcpSourceInfo(ssrc=self._outgoing.ssrc, items=[(1, _CNAME)])
        return bytes(body) + bytes(RtcpSdesPacket(chunks=[name]))

    def read(self, datagram: bytes) -> None:
        """Take in a decrypted compound packet; one that cannot be read is ignored."""
        try:
            packets = RtcpPacket.parse(datagram)
        except (ValueError, struct.error, IndexError):
            return
        for packet in packets:
            if isinstance(packet, RtcpSrPacket):
                middle = (packet.sender_info.ntp_timestamp >> 16) & 0xFFFFFFFF
                self._last_report = (middle, self._wall())
            if isinstance(packet, RtcpSrPacket | RtcpRrPacket):
                for report in packet.reports:
                    if report.ssrc == self._outgoing.ssrc:
                        self.heard = self._quality(report)

    def _quality(self, report: RtcpReceiverInfo) -> HeardQuality:
        round_trip = None
        if report.lsr:
            elapsed = ((self._ntp() >> 16) - report.lsr - report.dlsr) & 0xFFFFFFFF
            if elapsed < 60 << 16:  # clocks may step; an absurd figure is no figure
                round_trip = elapsed * 1000 / 65536
        return HeardQuality(report.fraction_lost / 256, report.jitter / 8, round_trip)

    def _reception(self) -> list[RtcpReceiverInfo]:
        if self._incoming.ssrc is None:
            return []
        now = self._incoming.report()
        received, lost = now.received - self._counted[0], now.lost - self._counted[1]
        self._counted = (now.received, now.lost)
        share = max(0, lost) * 256 // max(1, received + max(0, lost))
        since, at = self._last_report or (0, self._wall())
        return [
            RtcpReceiverInfo(
                ssrc=self._incoming.ssrc,
                fraction_lost=min(255, share),
                packets_lost=min(now.lost, 0x7FFFFF),
                highest_sequence=now.highest_sequence,
                jitter=round(now.jitter_ms * 8),
                lsr=since,
                dlsr=round((self._wall() - at) * 65536) & 0xFFFFFFFF,
            )
        ]

    def _ntp(self) -> int:
        return int((self._wall() + _NTP_EPOCH_OFFSET_S) * 2**32)
