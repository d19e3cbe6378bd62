"""Leases are taken one after the other beside the loop that decides, which does not wait for them.

A lease is a transaction of its own whose answer comes back as a command. In the loop's own turn,
every seat that became free would hold up the customer who has just picked up for as long as the
database takes to choose, judge and write. Orders stay in the loop: that an INVITE leaves before
what ends it is their order there.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable

from agent_desk.dialer.effects import Lease

log = logging.getLogger(__name__)


class LeaseLane:
    """Takes leases in the order they are asked for: at once, or in the background once it runs."""

    def __init__(self, lease: Callable[[Lease], None]) -> None:
        self._lease = lease
        self._asked: deque[Lease] = deque()
        self._work = threading.Event()
        self._runs = False

    def put(self, effect: Lease) -> None:
        """Take it when its turn comes; at once while nobody runs the lane."""
        if not self._runs:
            self._lease(effect)
            return
        self._asked.append(effect)
        self._work.set()

    def begin(self) -> None:
        """From now on leases wait for `run_forever`."""
        self._runs = True

    def run_forever(self) -> None:
        """Until stopped. What is asked for then is never leased: the next start asks anew."""
        while self._runs:
            self._work.wait()
            self._work.clear()
            while self._asked and self._runs:
                try:
                    self._lease(self._asked.popleft())
                except Exception:  # boundary: the lane outlives any one lease
                    log.exception("a lease failed")

    def stop(self) -> None:
        self._runs = False
        self._asked.clear()
        self._work.set()
