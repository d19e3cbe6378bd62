"""RTCP: what we report, and what we learn from the browser's reports."""

from __future__ import annotations

from aiortc.rtp import (
    RtcpPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpSdesPacket,
    RtcpSenderInfo,
    RtcpSrPacket,
)
from hypothesis import given
from hypothesis import strategies as st

from softphone.rtp.packet import RtpPacket
from softphone.rtp.rtcp import ReportExchange
from softphone.rtp.stream import IncomingStream, OutgoingStream

NTP_1970 = 2208988800


class Exchange:
    """A report exchange on a clock the test turns."""

    def __init__(self) -> None:
        self.wall = 1_800_000_000.0
        self.outgoing = OutgoingStream(payload_type=0, ssrc=11, sequence=1, timestamp=1)
        self.incoming = IncomingStream()
        self.reports = ReportExchange(self.outgoing, self.incoming, wall=lambda: self.wall)

    def hear(self, *sequences: int) -> None:
        for sequence in sequences:
            packet = RtpPacket(0, sequence, sequence * 160, 22, bytes(160))
            self.incoming.count(packet, sequence * 0.02)

    def composed(self) -> list:
        return RtcpPacket.parse(self.reports.compose())


def test_a_leg_that_spoke_sends_a_sender_report_and_its_name() -> None:
    exchange = Exchange()
    exchange.outgoing.packet(bytes(160), source=exchange, timestamp=0, now=0.0)
    report, name = exchange.composed()
    assert isinstance(report, RtcpSrPacket)
    assert (report.ssrc, report.sender_info.packet_count) == (11, 1)
    assert report.sender_info.octet_count == 160
    assert report.sender_info.ntp_timestamp >> 32 == 1_800_000_000 + NTP_1970
    assert isinstance(name, RtcpSdesPacket)


def test_an_idle_leg_sends_a_receiver_report() -> None:
    exchange = Exchange()
    exchange.outgoing.packet(bytes(160), source=exchange, timestamp=0, now=0.0)
    exchange.composed()
    assert isinstance(exchange.composed()[0], RtcpRrPacket)


def test_losses_are_reported_for_the_time_since_the_last_report() -> None:
    exchange = Exchange()
    exchange.hear(1, 2, 3, 5, 6, 8)
    first = exchange.composed()[0].reports[0]
    assert (first.ssrc, first.packets_lost, first.highest_sequence) == (22, 2, 8)
    assert first.fraction_lost == 2 * 256 // 8
    exchange.hear(9, 10)
    second = exchange.composed()[0].reports[0]
    assert (second.packets_lost, second.fraction_lost) == (2, 0)


def test_the_browsers_clock_is_sent_back_with_the_delay() -> None:
    exchange = Exchange()
    exchange.hear(1)
    sender = RtcpSenderInfo(
        ntp_timestamp=0x1122334455667788, rtp_timestamp=0, packet_count=1, octet_count=1
    )
    exchange.reports.read(bytes(RtcpSrPacket(ssrc=22, sender_info=sender)))
    exchange.wall += 1.5
    report = exchange.composed()[0].reports[0]
    assert (report.lsr, report.dlsr) == (0x33445566, 98304)


def test_what_the_browser_hears_is_known_with_the_round_trip() -> None:
    exchange = Exchange()
    sent = int((exchange.wall + NTP_1970) * 65536) & 0xFFFFFFFF
    exchange.wall += 2.05
    info = RtcpReceiverInfo(
        ssrc=11,
        fraction_lost=64,
        packets_lost=5,
        highest_sequence=9,
        jitter=80,
        lsr=sent,
        dlsr=2 * 65536,
    )
    exchange.reports.read(bytes(RtcpRrPacket(ssrc=22, reports=[info])))
    heard = exchange.reports.heard
    assert heard is not None
    assert (heard.lost_share, heard.jitter_ms) == (0.25, 10.0)
    assert heard.round_trip_ms is not None
    assert 48 < heard.round_trip_ms < 52


def test_reports_on_other_streams_are_not_ours() -> None:
    exchange = Exchange()
    info = RtcpReceiverInfo(
        ssrc=99, fraction_lost=1, packets_lost=1, highest_sequence=1, jitter=1, lsr=0, dlsr=0
    )
    exchange.reports.read(bytes(RtcpRrPacket(ssrc=22, reports=[info])))
    assert exchange.reports.heard is None


@given(st.binary(max_size=80))
def test_no_datagram_raises(datagram: bytes) -> None:
    Exchange().reports.read(datagram)
    Exchange().reports.read(b"\x80\xc9" + datagram)
