"""Asking after a line that has gone silent.

A carrier that dies, or forgets a call, sends no BYE. What tells is that nothing arrives any more,
which may as well be a telephone that sends nothing while nobody speaks: so the SIP side asks
whether the call is still known, and only its answer ends the call.
"""

from __future__ import annotations

from collections.abc import Callable

from softphone.sip.transport.timing import TimerHandle, Timers

SILENT_S = 20.0


class LineWatch:
    """`silent_s()` says for how long nothing has arrived; `ask()` is called every twenty seconds
    while that is twenty or more."""

    def __init__(
        self, timers: Timers, *, silent_s: Callable[[], float], ask: Callable[[], None]
    ) -> None:
        self._timers = timers
        self._silent_s = silent_s
        self._ask = ask
        self._next: TimerHandle | None = timers.call_later(SILENT_S, self._look)

    def stop(self) -> None:
        """Ask no more; harmless when stopped."""
        if self._next is not None:
            self._next.cancel()
            self._next = None

    def _look(self) -> None:
        self._next = self._timers.call_later(SILENT_S, self._look)
        if self._silent_s() >= SILENT_S:
            self._ask()
