"""The timestamp rule, sequence wraps, and the counting of arrivals. Time is passed in."""

from __future__ import annotations

from softphone.rtp.packet import RtpPacket, parse
from softphone.rtp.stream import IncomingStream, OutgoingStream

FRAME = bytes(160)


class Sender:
    """An outgoing stream whose sent packets are read back."""

    def __init__(self, sequence: int = 100, timestamp: int = 1000) -> None:
        self.stream = OutgoingStream(payload_type=0, ssrc=1, sequence=sequence, timestamp=timestamp)

    def send(self, now: float, source: str = "a", timestamp: int | None = None) -> RtpPacket:
        packet = self.try_send(now, source, timestamp)
        assert packet is not None
        return packet

    def try_send(
        self, now: float, source: str = "a", timestamp: int | None = None
    ) -> RtpPacket | None:
        """None when the stream leaves the packet out."""
        datagram = self.stream.packet(FRAME, source=source, timestamp=timestamp, now=now)
        if datagram is None:
            return None
        self.datagram = datagram
        return parse(datagram)

    @property
    def marked(self) -> bool:
        return bool(self.datagram[1] & 0x80)


def test_one_source_keeps_its_own_spacing_when_it_arrives_late() -> None:
    sender = Sender()
    first = sender.send(0.0, timestamp=5000)
    late = sender.send(0.15, timestamp=5160)
    assert late.timestamp - first.timestamp == 160
    assert not sender.marked


def test_a_packet_lost_on_the_way_leaves_its_gap() -> None:
    sender = Sender()
    first = sender.send(0.0, timestamp=0)
    third = sender.send(0.04, timestamp=320)
    assert third.timestamp - first.timestamp == 320
    assert third.sequence - first.sequence == 1


def test_the_timestamp_follows_wall_time_over_a_gap_of_three_seconds() -> None:
    sender = Sender()
    before = sender.send(10.0, "prompt", 0)
    after = sender.send(13.0, "customer", 999_999)
    assert after.timestamp - before.timestamp == 24_000
    assert sender.marked


def test_a_return_to_an_earlier_source_follows_wall_time_too() -> None:
    sender = Sender()
    sender.send(0.0, "customer", 0)
    before = sender.send(0.02, "prompt", 70_000)
    after = sender.send(5.02, "customer", 160)
    assert after.timestamp - before.timestamp == 40_000


def test_a_change_of_source_never_overlaps_what_was_sent() -> None:
    sender = Sender()
    before = sender.send(1.0, "a", 0)
    after = sender.send(1.001, "b", 0)
    assert after.timestamp - before.timestamp == 160


def test_a_source_that_starts_a_new_timeline_follows_wall_time() -> None:
    sender = Sender()
    before = sender.send(0.0, timestamp=0)
    after = sender.send(0.5, timestamp=3_000_000_000)
    assert after.timestamp - before.timestamp == 4000


def test_a_source_without_timestamps_is_spaced_by_its_payloads_until_it_pauses() -> None:
    sender = Sender()
    first = sender.send(0.0)
    second = sender.send(0.05)
    third = sender.send(1.05)
    assert second.timestamp - first.timestamp == 160
    assert third.timestamp - first.timestamp == 8400


def test_a_packet_that_was_overtaken_goes_out_with_its_own_time() -> None:
    sender = Sender()
    first = sender.send(0.0, timestamp=0)
    ahead = sender.send(0.02, timestamp=320)
    behind = sender.send(0.021, timestamp=160)
    onward = sender.send(0.06, timestamp=480)
    assert ahead.timestamp - first.timestamp == 320
    assert behind.timestamp - first.timestamp == 160
    assert onward.timestamp - first.timestamp == 480


def test_the_source_clock_may_wrap() -> None:
    sender = Sender()
    before = sender.send(0.0, timestamp=2**32 - 160)
    after = sender.send(0.02, timestamp=0)
    assert after.timestamp - before.timestamp == 160


def test_sequence_and_timestamp_wrap() -> None:
    sender = Sender(sequence=65534, timestamp=2**32 - 80)
    sequences = [sender.send(0.02 * n, timestamp=160 * n).sequence for n in range(3)]
    assert sequences == [65535, 0, 1]
    assert sender.stream.timestamp == 240


def arrival(sequence: int, ssrc: int = 1, timestamp: int | None = None) -> RtpPacket:
    stamp = sequence * 160 if timestamp is None else timestamp
    return RtpPacket(0, sequence & 0xFFFF, stamp & 0xFFFFFFFF, ssrc, FRAME)


def test_losses_are_counted_over_the_sequence_wrap() -> None:
    incoming = IncomingStream()
    for sequence in range(65_530, 65_550):
        if sequence not in (65_535, 65_536, 65_540):
            incoming.count(arrival(sequence), now=sequence * 0.02)
    report = incoming.report()
    assert (report.received, report.lost) == (17, 3)
    assert report.highest_sequence == 65_549


def test_an_even_stream_has_no_jitter_and_an_uneven_one_has() -> None:
    even, uneven = IncomingStream(), IncomingStream()
    for n in range(200):
        even.count(arrival(n), now=n * 0.02)
        uneven.count(arrival(n), now=n * 0.02 + (0.01 if n % 2 else 0))
    assert even.report().jitter_ms < 0.1
    assert 8 < uneven.report().jitter_ms < 12


def test_a_new_ssrc_is_counted_anew() -> None:
    incoming = IncomingStream()
    incoming.count(arrival(10), now=0)
    incoming.count(arrival(500, ssrc=2), now=0.02)
    assert (incoming.report().received, incoming.report().lost) == (1, 0)


def test_nothing_received_is_nothing_lost() -> None:
    assert IncomingStream().report().lost == 0
