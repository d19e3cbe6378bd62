"""One effect per command id: the reply is kept, and a command that comes again gets it again."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from softphone.protocol import CommandReply

# An hour of 20 calls a second at 4 commands each would be 288 000; a desk repeats a command within
# the seconds of a reconnect.
KEPT = 50_000


class CommandLog:
    """Replies by command id, the oldest forgotten first."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._replies: OrderedDict[str, asyncio.Future[CommandReply]] = OrderedDict()

    async def once(
        self, command_id: str, perform: Callable[[], Awaitable[CommandReply]]
    ) -> CommandReply:
        """Perform a command, or return (or await) the reply of the time it was performed."""
        known = self._replies.get(command_id)
        if known is not None:
            return await asyncio.shield(known)
        reply: asyncio.Future[CommandReply] = asyncio.get_running_loop().create_future()
        self._replies[command_id] = reply
        if len(self._replies) > self._kept:
            self._replies.popitem(last=False)
        try:
            reply.set_result(await perform())
        finally:
            if not reply.done():
                # It raised: nothing was done that a repetition could double. Whoever waits for
                # the reply of this one learns it too.
                self._replies.pop(command_id, None)
                reply.cancel()
        return reply.result()
