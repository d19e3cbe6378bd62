"""What follows a commit: how often the pacers are asked, and that nothing is forgotten for it."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from agent_desk.consequences import PACE_S, PACED, Consequences


class Loop:
    """Stands for the loop: keeps what is put, and settles it when told to."""

    def __init__(self) -> None:
        self.put_in: list[Any] = []

    def put(self, command: Any, **_: Any) -> Any:
        self.put_in.append(command)
        return SimpleNamespace(reply="done")


class Later:
    """A hub whose background runs when the test says so."""

    def __init__(self, pause: Callable[[float], None]) -> None:
        self.waiting: list[Callable[[], None]] = []
        self.pause = pause

    def spawn(self, work: Callable[..., None], *arguments: Any) -> None:
        self.waiting.append(lambda: work(*arguments))

    def turn(self) -> None:
        """Everything that waits, once."""
        waiting, self.waiting = self.waiting, []
        for work in waiting:
            work()


class Scene:
    """Consequences with nothing behind them but a count of the questions to the pacers."""

    def __init__(self) -> None:
        self.now, self.asked, self.takes_s = 100.0, 0, 0.0
        pacing: Any = SimpleNamespace(observe=_none, decisions=self._decisions)
        self.after = Consequences(pacing, self._clock)
        self.after.commits = self.loop = Loop()  # type: ignore[assignment]
        self.after.metrics = self.after.orders = SimpleNamespace(committed=_none)  # type: ignore[assignment]
        self.after.quality = SimpleNamespace(finished=lambda events: ())  # type: ignore[assignment]
        self.after.publisher = SimpleNamespace(floor_changed=_none)  # type: ignore[assignment]
        lane = SimpleNamespace(begin=_none, run_forever=_none, stop=_none)
        self.after.effects = SimpleNamespace(leases=lane)  # type: ignore[assignment]
        self.hub = Later(self._pause)

    def commit(self) -> None:
        self.after.committed(None, None, (), None)  # type: ignore[arg-type]

    def _decisions(self, floor: Any, now: Any) -> list[Any]:
        self.asked += 1
        self.now += self.takes_s
        return []

    def _clock(self) -> float:
        return self.now

    def _pause(self, seconds: float) -> None:
        self.now += seconds


def _none(*_: Any, **__: Any) -> None:
    return None


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_before_the_desk_runs_every_commit_asks_the_pacers(scene: Scene) -> None:
    for _ in range(3):
        scene.commit()
    assert scene.asked == 3


def test_a_desk_that_runs_asks_at_once_and_then_once_for_all_that_happened(scene: Scene) -> None:
    scene.after.begin(scene.hub)  # type: ignore[arg-type]
    scene.hub.turn()
    for _ in range(5):
        scene.commit()
    assert scene.asked == 1
    assert len(scene.hub.waiting) == 1, "one question is owed, not four"
    scene.hub.turn()
    assert scene.loop.put_in == [None], "the loop comes round though nothing happened"
    scene.commit()
    assert scene.asked == 2
    scene.commit()
    assert (scene.asked, len(scene.hub.waiting)) == (2, 1), "and so on"


def test_after_a_pause_nobody_waits(scene: Scene) -> None:
    scene.after.begin(scene.hub)  # type: ignore[arg-type]
    scene.hub.turn()
    scene.commit()
    scene.now += 1.5 * PACE_S
    scene.commit()
    assert (scene.asked, scene.hub.waiting) == (2, [])


def test_an_answer_that_takes_long_is_asked_for_less_often(scene: Scene) -> None:
    scene.after.begin(scene.hub)  # type: ignore[arg-type]
    scene.hub.turn()
    scene.takes_s = PACE_S / 4
    scene.commit()
    scene.now += 2 * PACE_S
    scene.commit()
    assert (scene.asked, len(scene.hub.waiting)) == (1, 1), "it took a quarter of the distance"
    scene.now += PACED * scene.takes_s
    scene.takes_s = 0.0
    scene.commit()
    scene.now += 1.5 * PACE_S
    scene.commit()
    assert scene.asked == 3, "and as often as ever when it is quick again"
