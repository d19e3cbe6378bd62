"""Keys: pressed once, heard once, whichever way the line carries them."""

from __future__ import annotations

import struct

import pytest

from softphone.audio.dtmf import DIGITS, key_frames
from softphone.audio.g711 import silence
from softphone.rtp.digits import DigitEar, DigitSender, is_digits
from softphone.rtp.packet import RtpPacket, parse, parse_digit
from softphone.rtp.stream import OutgoingStream
from tests.fakes.timers import HandClock

EVENTS = 101
VOICE = b"\x10" * 160


class Line:
    """A stream with a voice and a sender of keys on it."""

    def __init__(self, *, events: bool = True) -> None:
        self.clock = HandClock()
        self.sent: list[tuple[float, bool, RtpPacket]] = []
        self.stream = OutgoingStream(payload_type=0, ssrc=9, sequence=65_530, timestamp=1000)
        self.keys = DigitSender(
            self.stream, transmit=self.take, timers=self.clock, now=self.clock.now
        )
        self.keys.payload_type = EVENTS if events else None

    def take(self, datagram: bytes) -> None:
        packet = parse(datagram)
        assert packet is not None
        self.sent.append((self.clock.now(), bool(datagram[1] & 0x80), packet))

    def talk(self, ms: int) -> None:
        """A voice that is left out while a key is down, as a session does."""
        for _ in range(ms // 20):
            if not self.keys.busy:
                datagram = self.stream.packet(
                    VOICE,
                    source=self,
                    timestamp=round(self.clock.now() * 8000),
                    now=self.clock.now(),
                )
                if datagram is not None:
                    self.take(datagram)
            self.clock.pass_s(0.02)

    def events(self) -> list[tuple[float, bool, RtpPacket]]:
        return [each for each in self.sent if each[2].payload_type == EVENTS]


class Listener:
    """An ear and what it reported."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.keys: list[tuple[str, int, bool]] = []
        self.ear = DigitEar(lambda *key: self.keys.append(key), self.clock)

    def event(
        self, code: int, *, timestamp: int, duration: int, ended: bool = False, times: int = 1
    ) -> None:
        payload = struct.pack("!BBH", code, 0x80 * ended | 10, duration)
        for _ in range(times):
            self.ear.event(RtpPacket(EVENTS, 1, timestamp, 9, payload))

    def tone(self, digit: str, ms: int = 100) -> None:
        for frame in key_frames(digit, ms, "PCMU"):
            self.ear.audio(frame)
            self.clock.pass_s(0.02)

    def quiet(self, ms: int) -> None:
        for _ in range(ms // 20):
            self.ear.audio(silence("PCMU"))
            self.clock.pass_s(0.02)


def test_a_key_is_three_packets_at_each_end_and_one_every_20_ms_between() -> None:
    line = Line()
    line.keys.press("5")
    line.clock.pass_s(1.0)
    events = line.events()
    assert len({packet.timestamp for _, _, packet in events}) == 1
    assert [marker for _, marker, _ in events] == [True] + [False] * 8
    digits = [parse_digit(packet.payload) for _, _, packet in events]
    assert [d and (d.digit, d.duration_ms, d.ended) for d in digits] == [
        *[("5", 20, False)] * 3,
        *[("5", ms, False) for ms in (40, 60, 80)],
        *[("5", 100, True)] * 3,
    ]
    at = [round((when - events[0][0]) * 1000) for when, _, _ in events]
    assert at == [0, 0, 0, 20, 40, 60, 80, 80, 80]


def test_keys_follow_each_other_after_a_gap() -> None:
    line = Line()
    line.keys.press("12")
    line.keys.press("#")
    line.clock.pass_s(2.0)
    begins = [(round(at - 100, 3), p) for at, marker, p in line.events() if marker]
    assert [at for at, _ in begins] == [0.0, 0.17, 0.34]
    assert [(p.timestamp - 1000) // 8 for _, p in begins] == [0, 170, 340]  # wall time
    assert not line.keys.busy
    assert line.clock.pending == 0


def test_the_voice_is_silent_meanwhile_and_goes_on_at_the_right_time() -> None:
    line = Line()
    line.talk(100)
    line.keys.press("5")
    line.talk(200)
    order = [p.payload_type for _, _, p in line.sent]
    assert order == [0] * 5 + [EVENTS] * 9 + [0] * 6
    sequences = [p.sequence for _, _, p in line.sent]
    assert [(b - a) & 0xFFFF for a, b in zip(sequences, sequences[1:], strict=False)] == [1] * 19
    voice_after = line.sent[14][2]
    assert (voice_after.timestamp - line.sent[0][2].timestamp) // 8 == pytest.approx(180, abs=21)


def test_a_peer_without_events_gets_tones() -> None:
    line = Line(events=False)
    line.keys.press("8")
    line.clock.pass_s(1.0)
    assert [p.payload for _, _, p in line.sent] == list(key_frames("8", 100, "PCMU"))
    assert [(p.timestamp - 1000) // 8 for _, _, p in line.sent] == [0, 20, 40, 60, 80]


def test_stopping_forgets_what_was_not_sent() -> None:
    line = Line()
    line.keys.press("123")
    line.clock.pass_s(0.05)
    line.keys.stop()
    line.clock.pass_s(2.0)
    assert len(line.events()) == 5
    assert line.clock.pending == 0


def test_an_event_is_heard_once_however_often_its_end_comes() -> None:
    listener = Listener()
    for timestamp in (800, 4000):
        listener.event(5, timestamp=timestamp, duration=160, times=3)
        listener.event(5, timestamp=timestamp, duration=800, ended=True, times=3)
    assert listener.keys == [("5", 100, False)] * 2


def test_a_key_whose_ends_were_lost_is_heard_by_the_next_or_by_silence() -> None:
    listener = Listener()
    listener.event(1, timestamp=800, duration=640)
    listener.event(2, timestamp=4000, duration=160)
    assert listener.keys == [("1", 80, False)]
    listener.clock.pass_s(0.31)
    assert listener.keys[1:] == [("2", 20, False)]


def test_packets_that_were_overtaken_change_nothing() -> None:
    listener = Listener()
    listener.event(1, timestamp=800, duration=800, ended=True)
    listener.event(2, timestamp=4000, duration=160)
    listener.event(1, timestamp=800, duration=800, ended=True)
    listener.event(3, timestamp=2000, duration=160)
    listener.event(2, timestamp=4000, duration=800, ended=True)
    listener.event(2, timestamp=4000, duration=480)
    assert [digit for digit, _, _ in listener.keys] == ["1", "2"]


def test_tones_are_heard_when_no_events_come() -> None:
    listener = Listener()
    listener.ear.listen("PCMU")
    for digit in DIGITS:
        listener.tone(digit)
        listener.quiet(80)
    listener.quiet(200)
    assert "".join(digit for digit, _, _ in listener.keys) == DIGITS
    assert all(in_band for _, _, in_band in listener.keys)


def test_a_tone_after_which_no_packet_comes_is_heard_all_the_same() -> None:
    """Asterisk sends keys as tones, and between and after them nothing at all."""
    listener = Listener()
    listener.ear.listen("PCMU")
    listener.tone("5", 120)
    listener.clock.pass_s(0.25)
    listener.tone("5", 120)
    listener.clock.pass_s(0.5)
    assert [digit for digit, *_ in listener.keys] == ["5", "5"]
    assert listener.clock.pending == 0


def test_tones_are_not_heard_before_somebody_listens() -> None:
    listener = Listener()
    listener.tone("5")
    listener.quiet(300)
    assert listener.keys == []


@pytest.mark.parametrize("event_after_ms", [0, 40, 100])
def test_a_key_that_comes_both_ways_is_heard_once(event_after_ms: int) -> None:
    listener = Listener()
    listener.ear.listen("PCMU")
    listener.tone("5", 60)
    listener.quiet(event_after_ms)
    listener.event(5, timestamp=800, duration=800, ended=True, times=3)
    listener.quiet(300)
    listener.tone("6", 60)  # from now on the tones are known to be the shadow of events
    listener.event(6, timestamp=9000, duration=800, ended=True, times=3)
    listener.quiet(300)
    assert listener.keys == [("5", 100, False), ("6", 100, False)]


def test_what_are_digits() -> None:
    assert is_digits("0123456789*#ABCD")
    assert not is_digits("")
    assert not is_digits("12a")
