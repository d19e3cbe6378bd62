"""Key exchanges take turns, so that a hundred pages opened at once do not stop the audio.

One exchange costs some ten milliseconds of processor time in a few steps. When a shift begins, or
a desk was restarted, all of them are ready at once, and the loop would work through a step of each
before it looked at a live call's packet again. A few at a time keep that pause short and finish no
later, for the processor is what they wait for.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

AT_ONCE = 4
# A browser that does not answer waits for its own time-out, but nobody else waits for it.
PATIENCE_S = 0.2


class Turns:
    """At most `at_once` have their turn together; one that takes longer than `patience_s` goes
    on without it."""

    def __init__(self, at_once: int = AT_ONCE, *, patience_s: float = PATIENCE_S) -> None:
        self._places = asyncio.Semaphore(at_once)
        self._patience_s = patience_s

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a place and hold it for the block, or for `patience_s`."""
        await self._places.acquire()
        held = True

        def leave() -> None:
            nonlocal held
            if held:
                held = False
                self._places.release()

        leaving = asyncio.get_running_loop().call_later(self._patience_s, leave)
        try:
            yield
        finally:
            leaving.cancel()
            leave()
