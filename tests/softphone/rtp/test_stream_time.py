"""The stream is as long as real time, whatever stalls, bursts and changes of source it is sent."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from softphone.rtp.packet import parse
from softphone.rtp.stream import AHEAD_SAMPLES, OutgoingStream
from tests.softphone.rtp.test_stream import FRAME, Sender

FILL_AFTER_S = 0.1
# What was filled in, a packet before it, and the jitter a source may have.
MOST_BEHIND = 8000 * 0.3


class Line:
    """A stream into which a microphone, a filler of silence and a prompt speak, as they do."""

    def __init__(self) -> None:
        self.stream = OutgoingStream(payload_type=0, ssrc=1, sequence=65_000, timestamp=2**32 - 999)
        self.sent: list[tuple[float, int, str]] = []  # instant, position, source
        self.sequences: list[int] = []
        self._last_at = float("-inf")
        self._filling = False

    def send(self, now: float, source: str, timestamp: int | None) -> bool:
        datagram = self.stream.packet(FRAME, source=source, timestamp=timestamp, now=now)
        if datagram is None:
            return False
        packet = parse(datagram)
        assert packet is not None
        start = 2**32 - 999
        self.sent.append((now, (packet.timestamp - start) & 0xFFFFFFFF, source))
        self.sequences.append(packet.sequence)
        if source != "fill":
            self._filling = False
        self._last_at = now
        return True

    def tick(self, now: float, tick: int) -> None:
        """Silence, as `SilenceFill` decides about it."""
        if not self._filling:
            self._filling = now - self._last_at > FILL_AFTER_S
        if self._filling and self.sent:
            self.send(now, "fill", tick * 160)

    @property
    def ahead(self) -> list[float]:
        """How far each packet is ahead of wall time, in samples."""
        began = self.sent[0][0]
        return [position - (now - began) * 8000 for now, position, _ in self.sent]


def starve(line: Line, seed: int, *, seconds: int, prompts: bool = False) -> None:
    """A browser whose packets are held back now and then, and come in bursts."""
    chance = random.Random(seed)
    held: list[int] = []
    stalled_until = prompt_until = 0.0
    for tick in range(seconds * 50):
        now = tick * 0.02
        if chance.random() < 0.02:
            stalled_until = now + chance.uniform(0.05, 1.5)
        if prompts and chance.random() < 0.01:
            prompt_until = now + chance.uniform(0.1, 2.0)
        held.append(tick * 160 + 77)
        if now >= stalled_until:
            at_once = len(held) if chance.random() < 0.7 else min(len(held), 4)
            for timestamp in held[:at_once]:
                if now >= prompt_until:
                    line.send(now + chance.uniform(0.0, 0.004), "voice", timestamp)
            del held[:at_once]
        if now < prompt_until:
            line.send(now + 0.005, "prompt", tick * 160)
        line.tick(now + 0.006, tick)


def test_a_burst_after_the_fill_does_not_make_the_stream_longer_than_real_time() -> None:
    line = Line()
    starve(line, 1, seconds=28)
    began, first, _ = line.sent[0]
    ended, last, _ = line.sent[-1]
    assert abs((last - first) / 8000 - (ended - began)) < 0.1


@given(seed=st.integers(0, 2**32), prompts=st.booleans())
def test_every_packet_keeps_to_wall_time(seed: int, prompts: bool) -> None:
    line = Line()
    starve(line, seed, seconds=12, prompts=prompts)
    assert max(line.ahead) <= AHEAD_SAMPLES + 1
    assert min(line.ahead) >= -MOST_BEHIND
    steps = [(b - a) & 0xFFFF for a, b in zip(line.sequences, line.sequences[1:], strict=False)]
    assert set(steps) <= {1}
    positions = [position for _, position, _ in line.sent]
    assert all(b >= a + 160 for a, b in zip(positions, positions[1:], strict=False))


@given(seed=st.integers(0, 2**32))
def test_a_voice_is_heard_again_soon_after_every_stall(seed: int) -> None:
    line = Line()
    starve(line, seed, seconds=6)
    for tick in range(300, 350):  # a second without a stall
        line.send(tick * 0.02, "voice", tick * 160 + 77)
        line.tick(tick * 0.02 + 0.006, tick)
    heard = [at for at, _, source in line.sent if source == "voice" and at >= 6.0]
    assert len(heard) >= 40


def test_a_way_that_became_longer_for_good_loses_a_moment_and_no_more() -> None:
    line = Line()
    sent = 0
    for tick in range(200):
        late = 0.5 if tick >= 50 else 0.0
        sent += line.send(tick * 0.02 + late, "voice", tick * 160)
    assert sent >= 190
    assert abs(line.ahead[-1]) <= AHEAD_SAMPLES + 1


def test_a_slow_clock_is_put_on_before_its_packets_would_count_as_stale() -> None:
    line = Line()
    for n in range(60_000):  # 20 minutes of a clock that loses 0.03 %
        assert line.send(n * 0.020006, "voice", n * 160)
    assert min(line.ahead) > -8000 * 0.08


def test_a_fast_clock_loses_a_packet_now_and_then_and_is_never_heard_late() -> None:
    line = Line()
    lost = sum(not line.send(n * 0.019994, "voice", n * 160) for n in range(60_000))
    assert max(line.ahead) <= AHEAD_SAMPLES + 1
    assert 0 < lost < 25


def test_speech_that_is_too_old_is_left_out_although_nobody_spoke_meanwhile() -> None:
    sender = Sender()
    first = sender.send(0.0, timestamp=0)
    burst = [sender.try_send(1.0, timestamp=160 * n) for n in range(1, 51)]
    heard = [packet for packet in burst if packet is not None]
    assert len(heard) == 11  # the last 200 ms
    assert heard[-1].timestamp - first.timestamp == 8000
