"""The server's background, behind `services.ports.Hub`: threads here, green ones when patched.

The entry module patches the standard library before anything else is imported, so the very same
threads are green in the desk and real in tests and in the command line.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")
# Of the runtime's threads (eventlet has 20). A morning's log-ins would have them all for seconds,
# and whoever holds the write door would stand in their queue, with every command behind it.
MOST_OFF_HUB = 8


class ThreadHub:
    """`off_hub` is given by the entry module: eventlet's thread pool, or a plain call."""

    def __init__(self, off_hub: Callable[..., Any] | None = None) -> None:
        self._off_hub = off_hub
        self._places = threading.Semaphore(MOST_OFF_HUB)

    def spawn(self, work: Callable[..., None], *arguments: Any) -> None:
        threading.Thread(target=work, args=arguments, daemon=True).start()

    def pause(self, seconds: float) -> None:
        time.sleep(seconds)

    def off_hub(self, work: Callable[..., T], *arguments: Any) -> T:
        with self._places:
            return self.aside(work, *arguments)

    def aside(self, work: Callable[..., T], *arguments: Any) -> T:
        if self._off_hub is None:
            return work(*arguments)
        result: T = self._off_hub(work, *arguments)
        return result
