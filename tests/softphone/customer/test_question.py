"""A question is answered by one of its keys, from its first word to the end of the wait for it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from softphone.audio.prompts import Sound
from softphone.customer.question import Question
from softphone.talk.asking import Answer, Asked
from tests.fakes.legs import FakeSeatLeg

FRAMES = 50
QUESTION_S = FRAMES * 0.02
WAIT_S = 4.0
SOUND = Sound("q", np.tile(0.3 * np.sin(np.arange(160) * 0.7), FRAMES))


class Ticks:
    """A ticker in the test's hands."""

    def __init__(self) -> None:
        self.callbacks: dict[Callable[[int], None], None] = {}

    def add(self, callback: Callable[[int], None]) -> None:
        self.callbacks[callback] = None

    def remove(self, callback: Callable[[int], None]) -> None:
        self.callbacks.pop(callback, None)


class Line:
    """A customer who is asked, with seconds of the test's own."""

    def __init__(self) -> None:
        self.ticker = Ticks()
        self.leg = FakeSeatLeg()
        self.seconds = 0.0
        self.told: list[Answer] = []
        self.question = Question(
            Asked(SOUND, keys="12345", wait_s=WAIT_S, tries=2),
            self.leg,
            ticker=self.ticker,  # type: ignore[arg-type]
            now=lambda: self.seconds,
            on_answer=self.told.append,
        )
        self.question.start()

    def pass_s(self, seconds: float) -> None:
        for tick in range(round(seconds / 0.02)):
            self.seconds += 0.02
            for callback in list(self.ticker.callbacks):
                callback(tick)


@pytest.mark.parametrize("after_s", [0.1, QUESTION_S + 0.1, QUESTION_S + WAIT_S - 0.1])
async def test_a_key_counts_from_the_first_word_to_the_end_of_the_wait(after_s: float) -> None:
    line = Line()
    line.pass_s(after_s)
    line.question.press("4")
    assert line.told == [Answer("4", "answered", 1)]
    played = len(line.leg.sent)
    line.pass_s(2.0)
    line.question.press("1")
    line.question.stop()
    assert len(line.leg.sent) == played and not line.ticker.callbacks
    assert len(line.told) == 1


async def test_a_wrong_key_is_asked_once_more_and_no_more() -> None:
    line = Line()
    line.pass_s(0.2)
    line.question.press("9")
    line.pass_s(QUESTION_S + 0.1)
    assert len(line.leg.sent) == 10 + FRAMES, "from its beginning"
    assert not line.told
    line.question.press("#")
    assert line.told == [Answer("", "wrong_key", 2)]


async def test_the_second_time_the_answer_counts() -> None:
    line = Line()
    line.question.press("0")
    line.question.press("1")
    assert line.told == [Answer("1", "answered", 2)]


async def test_who_says_nothing_is_not_asked_again() -> None:
    line = Line()
    line.pass_s(QUESTION_S + WAIT_S + 0.2)
    assert line.told == [Answer("", "silent", 1)]
    assert len(line.leg.sent) == FRAMES


async def test_silence_after_a_wrong_key_is_a_wrong_key() -> None:
    line = Line()
    line.question.press("7")
    line.pass_s(QUESTION_S + WAIT_S + 0.2)
    assert line.told == [Answer("", "wrong_key", 2)]


async def test_who_hangs_up_meanwhile_has_not_answered() -> None:
    line = Line()
    line.pass_s(QUESTION_S + 1.0)
    line.question.stop()
    assert line.told == [Answer("", "hung_up", 1)]
