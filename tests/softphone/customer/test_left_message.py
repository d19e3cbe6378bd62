"""A message for an answering machine begins when the machine is quiet, and says how far it came."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from softphone.audio.g711 import encode, silence
from softphone.audio.prompts import Sound, load_messages
from softphone.audio.wav import to_pcm16, write_wav
from softphone.customer.left_message import GIVE_UP_S, QUIET_S, LeftMessage
from tests.fakes.legs import FakeSeatLeg

FRAMES = 10
TONE = 0.3 * np.sin(np.arange(160) * 0.7)
VOICE = encode(to_pcm16(TONE), "PCMU")


class Ticks:
    """A ticker in the test's hands."""

    def __init__(self) -> None:
        self.callbacks: dict[Callable[[int], None], None] = {}

    def add(self, callback: Callable[[int], None]) -> None:
        self.callbacks[callback] = None

    def remove(self, callback: Callable[[int], None]) -> None:
        self.callbacks.pop(callback, None)


class Machine:
    """A line whose ticks and seconds are the test's."""

    def __init__(self) -> None:
        self.ticker = Ticks()
        self.leg = FakeSeatLeg()
        self.seconds = 0.0
        self.told: list[tuple[int, bool]] = []
        self.message = LeftMessage(
            Sound("m", np.tile(TONE, FRAMES)),
            self.leg,
            ticker=self.ticker,  # type: ignore[arg-type]
            now=lambda: self.seconds,
            on_left=lambda played_ms, whole: self.told.append((played_ms, whole)),
        )
        self.ticks = 0
        self.message.start()

    def pass_s(self, seconds: float, *, speaking: bool = False) -> None:
        for _ in range(round(seconds / 0.02)):
            self.seconds += 0.02
            self.ticks += 1
            self.message.hear(VOICE if speaking else silence("PCMU"), "PCMU")
            for callback in list(self.ticker.callbacks):
                callback(self.ticks)


async def test_it_waits_for_the_end_of_the_greeting_and_the_tone_behind_it() -> None:
    machine = Machine()
    machine.pass_s(4.0, speaking=True)
    machine.pass_s(1.0)
    machine.pass_s(0.4, speaking=True)  # the tone
    machine.pass_s(QUIET_S - 0.1)
    assert not machine.leg.sent
    machine.pass_s(0.3 + FRAMES * 0.02)
    assert machine.leg.sent == list(Sound("m", np.tile(TONE, FRAMES)).frames("PCMU"))
    assert machine.told == [(FRAMES * 20, True)]


async def test_a_machine_that_sends_nothing_is_quiet() -> None:
    machine = Machine()
    for _ in range(100):
        machine.seconds += 0.02
        for callback in list(machine.ticker.callbacks):
            callback(0)
    assert machine.leg.sent


async def test_a_machine_that_never_stops_is_told_nothing() -> None:
    machine = Machine()
    machine.pass_s(GIVE_UP_S + 0.1, speaking=True)
    assert machine.told == [(0, False)]
    assert not machine.leg.sent and not machine.ticker.callbacks


async def test_cut_off_it_says_how_much_was_heard_once() -> None:
    machine = Machine()
    machine.pass_s(QUIET_S + 0.1)
    played = len(machine.leg.sent)
    assert 0 < played < FRAMES
    machine.message.stop()
    machine.message.stop()
    assert machine.told == [(played * 20, False)]


async def test_an_installations_messages_are_known_by_the_hash_of_their_files(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    own = tmp_path_factory.mktemp("prompts")
    (own / "messages").mkdir()
    write_wav(own / "messages" / "one.wav", np.tile(TONE, FRAMES))
    (own / "messages" / "notes.txt").write_text("no sound")
    found = load_messages(own)
    assert [sound.name for sound in found.values()] == ["one"]
    assert all(key == sound.sha256 for key, sound in found.items())
