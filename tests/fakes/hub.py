"""A hub in which nothing runs by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


class StillHub:
    """Implements `services.ports.Hub`: remembers what should run, and waits for nobody."""

    def __init__(self) -> None:
        self.spawned: list[tuple[Callable[..., None], tuple[Any, ...]]] = []
        self.paused_s = 0.0
        self.off_hub_calls = 0

    def spawn(self, work: Callable[..., None], *arguments: Any) -> None:
        self.spawned.append((work, arguments))

    def pause(self, seconds: float) -> None:
        self.paused_s += seconds

    def off_hub(self, work: Callable[..., T], *arguments: Any) -> T:
        self.off_hub_calls += 1
        return work(*arguments)

    def aside(self, work: Callable[..., T], *arguments: Any) -> T:
        return work(*arguments)
