"""One effect per command id: the reply is kept, and a command that comes again gets it again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

from softphone.protocol import CommandReply
from softphone.recent import Recent

# A desk repeats a command within the seconds of a reconnect. Kept by time, not by number: a busy
# gateway forgets no sooner, and a quiet one does not gather hours of them.
KEPT_S = 300.0
# What most commands are answered; one for all of them.
_ACCEPTED = CommandReply("", None, None)


class CommandLog:
    """Replies by command id, for `KEPT_S` at least."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._replies: Recent[CommandReply] = Recent(KEPT_S, now)
        self._running: dict[str, asyncio.Future[CommandReply]] = {}

    def __len__(self) -> int:
        return len(self._replies) + len(self._running)

    async def once(
        self, command_id: str, perform: Callable[[], Awaitable[CommandReply]]
    ) -> CommandReply:
        """Perform a command, or return (or await) the reply of the time it was performed."""
        known = self._replies.get(command_id)
        if known is not None:
            return replace(known, command_id=command_id)
        running = self._running.get(command_id)
        if running is not None:
            return await asyncio.shield(running)
        future: asyncio.Future[CommandReply] = asyncio.get_running_loop().create_future()
        self._running[command_id] = future
        try:
            reply = await perform()
            future.set_result(reply)
        finally:
            del self._running[command_id]
            # When it raised, nothing was done that a repetition could double. Whoever waits for
            # the reply of this one learns it too.
            future.cancel()
        plain = replace(reply, command_id="")
        self._replies.put(command_id, _ACCEPTED if plain == _ACCEPTED else plain)
        return reply
