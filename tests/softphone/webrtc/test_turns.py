"""Who sets up a connection when: a few at a time, and nobody waits for one that hangs."""

from __future__ import annotations

import asyncio

from softphone.webrtc.turns import Turns
from tests.waiting import await_until


class Crowd:
    """Tasks that take their turn and stay in it until they are let go."""

    def __init__(self, turns: Turns, size: int) -> None:
        self.inside = self.most = self.done = 0
        self.go = asyncio.Event()
        self.tasks = [asyncio.ensure_future(self._visit(turns)) for _ in range(size)]

    async def _visit(self, turns: Turns) -> None:
        async with turns.turn():
            self.inside += 1
            self.most = max(self.most, self.inside)
            await self.go.wait()
            self.inside -= 1
        self.done += 1


async def test_no_more_than_a_few_are_at_it_at_once() -> None:
    crowd = Crowd(Turns(4, patience_s=60), 20)
    await await_until(lambda: crowd.inside == 4)
    crowd.go.set()
    await asyncio.gather(*crowd.tasks)
    assert (crowd.most, crowd.done) == (4, 20)


async def test_those_that_hang_keep_nobody_waiting() -> None:
    crowd = Crowd(Turns(2, patience_s=0.02), 5)
    await await_until(lambda: crowd.inside == 5)
    crowd.go.set()
    await asyncio.gather(*crowd.tasks)


async def test_a_turn_is_given_back_once_however_it_ends() -> None:
    turns = Turns(1, patience_s=0.01)
    hanging = Crowd(turns, 1)
    await await_until(lambda: hanging.inside == 1)
    late = Crowd(turns, 1)
    await await_until(lambda: late.inside == 1)  # the first one's patience is over
    hanging.go.set()
    await asyncio.gather(*hanging.tasks)
    await await_until(lambda: turns._places._value == 1)
    late.tasks[0].cancel()
    await asyncio.wait(late.tasks)
    assert turns._places._value == 1
