"""The mouth of a call: one frame a tick, sounds over noise, one steady timeline."""

from __future__ import annotations

from collections.abc import Callable

from softphone.practice_carrier.speaker import Speaker

NOISE = [b"n0", b"n1", b"n2"]


class HandTicker:
    """A ticker that ticks when told."""

    def __init__(self) -> None:
        self.callbacks: list[Callable[[int], None]] = []
        self.tick = 100

    def add(self, callback: Callable[[int], None]) -> None:
        self.callbacks.append(callback)

    def remove(self, callback: Callable[[int], None]) -> None:
        if callback in self.callbacks:
            self.callbacks.remove(callback)

    def run(self, ticks: int) -> None:
        for _ in range(ticks):
            self.tick += 1
            for callback in list(self.callbacks):
                callback(self.tick)


class Sent:
    """A leg that remembers."""

    def __init__(self) -> None:
        self.payloads: list[bytes] = []
        self.timestamps: list[int | None] = []

    def send(self, payload: bytes, *, source: object, timestamp: int | None = None) -> None:
        self.payloads.append(payload)
        self.timestamps.append(timestamp)


def speaker(offset: int = 0) -> tuple[Speaker, HandTicker, Sent]:
    ticker, leg = HandTicker(), Sent()
    made = Speaker(ticker, leg, NOISE, offset=offset)  # type: ignore[arg-type]
    made.start()
    return made, ticker, leg


def test_a_sound_interrupts_the_noise_and_gives_way_to_it_again() -> None:
    made, ticker, leg = speaker()
    ticker.run(2)
    made.play([b"a", b"b"])
    ticker.run(4)
    assert leg.payloads[2:4] == [b"a", b"b"]
    assert set(leg.payloads[:2] + leg.payloads[4:]) <= set(NOISE)
    steps = {
        second - first
        for first, second in zip(leg.timestamps, leg.timestamps[1:], strict=False)
        if first is not None and second is not None
    }
    assert steps == {160}


def test_a_repeated_sound_never_ends_until_another_takes_its_place() -> None:
    made, ticker, leg = speaker()
    made.play([b"a", b"b"], repeat=True)
    ticker.run(5)
    made.play([b"c"])
    ticker.run(2)
    assert leg.payloads[:6] == [b"a", b"b", b"a", b"b", b"a", b"c"]
    assert leg.payloads[6] in NOISE


def test_a_stopped_speaker_sends_nothing() -> None:
    made, ticker, leg = speaker()
    made.stop()
    made.stop()
    ticker.run(3)
    assert leg.payloads == []


def test_calls_do_not_share_the_place_in_the_noise() -> None:
    first, second = speaker(0), speaker(1)
    first[1].run(3)
    second[1].run(3)
    assert first[2].payloads != second[2].payloads
