"""Sounds into a leg, and silence where nobody speaks."""

from __future__ import annotations

from softphone.audio.g711 import Codec, silence
from softphone.audio.ticker import Ticker
from softphone.rtp.leg import AudioSink
from softphone.rtp.player import Player, SilenceFill
from tests.softphone.audio.test_ticker import HandClock

FRAMES = [bytes([n]) * 160 for n in range(5)]
VOICE = object()


class RecordingLeg:
    """A leg that remembers what was sent into it, and when."""

    def __init__(self, clock: HandClock) -> None:
        self.codec: Codec = "PCMA"
        self.sink: AudioSink | None = None
        self.last_packet_at = self.last_sent_at = 0.0
        self.sent: list[tuple[bytes, object, int | None]] = []
        self._clock = clock

    def send(self, payload: bytes, *, source: object, timestamp: int | None = None) -> None:
        self.sent.append((payload, source, timestamp))
        self.last_sent_at = self._clock.time()


def rig() -> tuple[HandClock, Ticker, RecordingLeg]:
    clock = HandClock()
    return clock, Ticker(clock), RecordingLeg(clock)  # type: ignore[arg-type]


def test_a_sound_is_played_to_its_end_once_and_then_reported() -> None:
    clock, ticker, leg = rig()
    done: list[float] = []
    Player(ticker, FRAMES, leg, on_done=lambda: done.append(clock.now)).start()
    clock.advance(0.05)
    assert done == []
    clock.advance(1.0)
    assert [payload for payload, _, _ in leg.sent] == FRAMES
    assert len(done) == 1
    stamps = [timestamp for _, _, timestamp in leg.sent]
    assert {b - a for a, b in zip(stamps, stamps[1:], strict=False)} == {160}  # type: ignore[operator]


def test_a_loop_goes_on_without_a_seam_until_it_is_stopped() -> None:
    clock, ticker, leg = rig()
    player = Player(ticker, FRAMES, leg, loop=True)
    player.start()
    clock.advance(0.3)
    player.stop()
    count = len(leg.sent)
    assert [payload for payload, _, _ in leg.sent] == [FRAMES[n % 5] for n in range(count)]
    assert count >= 14
    clock.advance(1.0)
    assert len(leg.sent) == count


def test_a_stopped_sound_is_not_reported_as_done() -> None:
    clock, ticker, leg = rig()
    done: list[int] = []
    player = Player(ticker, FRAMES, leg, on_done=lambda: done.append(1))
    player.start()
    clock.advance(0.05)
    player.stop()
    clock.advance(1.0)
    assert done == []


def test_a_stall_moves_the_timestamp_by_the_time_that_passed() -> None:
    clock, ticker, leg = rig()
    Player(ticker, FRAMES, leg, loop=True).start()
    clock.advance(0.1)
    before = leg.sent[-1][2]
    clock.stall(2.0)
    clock.advance(0.02)
    assert before is not None and leg.sent[-1][2] is not None
    assert 16_000 - 320 <= leg.sent[-1][2] - before <= 16_000 + 640


async def test_silence_fills_a_leg_nobody_speaks_into() -> None:
    clock, ticker, leg = rig()
    fill = SilenceFill(ticker, leg)
    fill._now = clock.time
    fill.start()
    clock.advance(1.0)
    assert len(leg.sent) >= 48
    assert {payload for payload, _, _ in leg.sent} == {silence("PCMA")}
    fill.stop()
    count = len(leg.sent)
    clock.advance(1.0)
    assert len(leg.sent) == count


async def test_silence_gives_way_to_speech_and_waits_before_it_returns() -> None:
    clock, ticker, leg = rig()
    fill = SilenceFill(ticker, leg)
    fill._now = clock.time
    fill.start()
    clock.advance(0.2)
    filled = len(leg.sent)
    clock.advance(0.001)
    for _ in range(10):
        leg.send(b"voice", source=VOICE, timestamp=None)
        clock.advance(0.02)
    assert len(leg.sent) == filled + 10
    clock.advance(0.09)
    assert len(leg.sent) == filled + 10
    clock.advance(0.1)
    assert len(leg.sent) > filled + 12
