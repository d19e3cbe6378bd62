"""What the desk does again and again: at its distance, in spite of failures, never all the time."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from agent_desk.services.running.timers import Job, Timers


class Scene:
    """Timers on a clock of the test's; a job that has run so often stops them."""

    def __init__(self, *, times: int, takes_s: float = 0.0) -> None:
        self.now, self.left, self.takes_s = 50.0, times, takes_s
        self.began: list[float] = []
        self.late: list[float] = []
        self.overslept_s = 0.0
        hub: Any = SimpleNamespace(spawn=self._spawn, pause=self._pause)
        clock: Any = SimpleNamespace(monotonic=lambda: self.now)
        self.timers = Timers(hub=hub, clock=clock, late=self.late.append)

    def work(self) -> None:
        self.began.append(self.now - 50.0)
        self.now += self.takes_s
        self.left -= 1
        if self.left == 0:
            self.timers.stop()

    def _spawn(self, run: Callable[..., None], *arguments: Any) -> None:
        run(*arguments)

    def _pause(self, seconds: float) -> None:
        self.now += seconds + self.overslept_s


def test_a_job_is_done_again_and_again() -> None:
    scene = Scene(times=3)
    scene.timers.start([Job("count", 2.0, scene.work)])
    assert scene.began == [2.0, 4.0, 6.0]
    assert scene.late == [0.0, 0.0, 0.0]


def test_a_failure_is_not_the_last_time() -> None:
    scene = Scene(times=2)

    def fail() -> None:
        scene.work()
        raise ValueError

    scene.timers.start([Job("count", 2.0, fail)])
    assert scene.began == [2.0, 4.0]


def test_a_job_with_a_part_of_the_time_keeps_to_it_when_it_takes_long() -> None:
    scene = Scene(times=3, takes_s=1.0)
    scene.timers.start([Job("count", 2.0, scene.work, one_in=10)])
    assert scene.began == [2.0, 13.0, 24.0]
    assert scene.late == [0.0, 0.0, 0.0], "that it waits is no lateness of the server's"


def test_a_job_that_is_quick_has_its_distance() -> None:
    scene = Scene(times=2, takes_s=0.125)
    scene.timers.start([Job("count", 2.0, scene.work, one_in=10)])
    assert scene.began == [2.0, 4.125]


def test_a_server_that_wakes_late_is_told_of() -> None:
    scene = Scene(times=1)
    scene.overslept_s = 0.5
    scene.timers.start([Job("count", 2.0, scene.work)])
    assert scene.late == [0.5]
