"""RTCP: written as RFC 3550 has it, read strictly."""

from __future__ import annotations

import random
import struct

import pytest
from aiortc.rtp import RtcpPacket, RtcpRrPacket, RtcpSdesPacket, RtcpSrPacket

from softphone.rtp.packet import RtpPacket
from softphone.rtp.rtcp import ReportExchange, parse_reports
from softphone.rtp.stream import IncomingStream, OutgoingStream


class Wall:
    now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


class Party:
    """One end of an exchange."""

    def __init__(self, wall: Wall, *, ssrc: int) -> None:
        self.outgoing = OutgoingStream(payload_type=0, ssrc=ssrc, sequence=5, timestamp=900)
        self.incoming = IncomingStream()
        self.reports = ReportExchange(self.outgoing, self.incoming, wall=wall)

    def speak(self, now: float = 1.0) -> None:
        self.outgoing.packet(b"\0" * 160, source=self, timestamp=None, now=now)

    def hear(self, ssrc: int, sequences: list[int]) -> None:
        for sequence in sequences:
            packet = RtpPacket(0, sequence, sequence * 160, ssrc, b"\0" * 160)
            self.incoming.count(packet, sequence * 0.02)


def two_parties() -> tuple[Party, Party, Wall]:
    wall = Wall()
    return Party(wall, ssrc=11), Party(wall, ssrc=22), wall


def test_reports_are_what_another_reader_takes_for_reports() -> None:
    ours, theirs, _ = two_parties()
    ours.speak()
    ours.hear(22, [1, 2, 3, 5])
    sender, name = RtcpPacket.parse(ours.reports.compose())
    assert isinstance(sender, RtcpSrPacket)
    assert isinstance(name, RtcpSdesPacket)
    assert (sender.ssrc, sender.sender_info.packet_count) == (11, 1)
    assert sender.sender_info.octet_count == 160
    (block,) = sender.reports
    assert (block.ssrc, block.packets_lost, block.fraction_lost) == (22, 1, 256 // 5)
    assert name.chunks[0].items == [(1, b"gateway")]

    silent = RtcpPacket.parse(theirs.reports.compose())[0]
    assert isinstance(silent, RtcpRrPacket)
    assert silent.reports == []


def test_loss_jitter_and_round_trip_come_from_two_reports() -> None:
    ours, theirs, wall = two_parties()
    ours.speak()
    theirs.speak()
    theirs.hear(11, [1, 2, 3, 4, 6, 7, 8, 10])
    assert theirs.reports.read(ours.reports.compose())
    wall.now += 2.0
    answer = theirs.reports.compose()
    wall.now += 0.08
    assert ours.reports.read(answer)
    heard = ours.reports.heard
    assert heard is not None
    assert heard.lost_share == pytest.approx(0.2, abs=0.01)
    assert heard.round_trip_ms == pytest.approx(80, abs=1)


def test_a_report_on_another_stream_says_nothing() -> None:
    ours, theirs, _ = two_parties()
    theirs.hear(99, [1, 2])
    assert ours.reports.read(theirs.reports.compose())
    assert ours.reports.heard is None


def test_loss_is_counted_anew_for_a_new_stream() -> None:
    ours, _, _ = two_parties()
    ours.hear(22, list(range(1, 50)))
    ours.reports.compose()
    ours.hear(23, [1, 2])
    block = RtcpPacket.parse(ours.reports.compose())[0].reports[0]
    assert (block.ssrc, block.fraction_lost, block.packets_lost) == (23, 0, 0)


GOOD = struct.pack("!BBHL", 0x80, 201, 1, 7)


@pytest.mark.parametrize(
    "datagram",
    [
        b"",
        b"\x80",
        b"\x80\xc9\x00\x05" + bytes(4),  # longer than the datagram
        GOOD + b"\0",  # a rest
        struct.pack("!BBHL", 0x40, 201, 1, 7),  # version 1
        struct.pack("!BBHL", 0x81, 201, 1, 7),  # announces a block and has none
        struct.pack("!BBHL", 0x81, 203, 1, 7),  # BYE first
        struct.pack("!BBHL", 0x80, 200, 1, 7),  # a sender report without its sender
        GOOD + struct.pack("!BBHL", 0x81, 201, 1, 7),  # the second one is broken
        bytes(range(256)),
    ],
)
def test_what_is_not_a_whole_compound_is_nothing(datagram: bytes) -> None:
    assert parse_reports(datagram) == ()


def test_a_whole_compound_with_a_bye_is_read() -> None:
    reports = parse_reports(GOOD + struct.pack("!BBHL", 0x81, 203, 1, 7))
    assert [(each.ssrc, each.blocks) for each in reports] == [(7, ())]


def test_garbage_never_raises() -> None:
    rng = random.Random(4)
    ours, theirs, _ = two_parties()
    theirs.speak()
    theirs.hear(11, [1, 2, 3])
    good = theirs.reports.compose()
    for _ in range(3000):
        broken = bytearray(good)
        for _ in range(rng.randint(1, 6)):
            broken[rng.randrange(len(broken))] = rng.getrandbits(8)
        ours.reports.read(bytes(broken[: rng.randint(0, len(broken))]))
    assert ours.reports.read(good)
