"""A line on which nothing arrives is asked after, now and then, for as long as that lasts."""

from __future__ import annotations

from softphone.talk.line_watch import SILENT_S, LineWatch
from tests.fakes.timers import HandClock


class Line:
    def __init__(self) -> None:
        self.clock = HandClock()
        self.heard_at = self.clock.now()
        self.asked: list[float] = []
        self.watch = LineWatch(
            self.clock,
            silent_s=lambda: self.clock.now() - self.heard_at,
            ask=lambda: self.asked.append(self.clock.now() - self.heard_at),
        )


async def test_a_line_that_is_heard_is_never_asked_after() -> None:
    line = Line()
    for _ in range(100):
        line.clock.pass_s(SILENT_S / 4)
        line.heard_at = line.clock.now()
    assert line.asked == []


async def test_a_silent_line_is_asked_after_until_it_is_heard_again() -> None:
    line = Line()
    line.clock.pass_s(SILENT_S * 3.5)
    assert len(line.asked) == 3 and min(line.asked) >= SILENT_S
    line.heard_at = line.clock.now()
    line.clock.pass_s(SILENT_S * 0.9)
    assert len(line.asked) == 3


async def test_nobody_asks_after_the_end() -> None:
    line = Line()
    line.clock.pass_s(SILENT_S * 0.5)
    line.watch.stop()
    line.watch.stop()
    line.clock.pass_s(SILENT_S * 5)
    assert line.asked == []
