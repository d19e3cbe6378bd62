"""A command id has one effect however often it is delivered."""

from __future__ import annotations

import asyncio

import pytest

from softphone.link.command_log import KEPT_S, CommandLog
from softphone.protocol import CommandReply
from tests.fakes.timers import HandClock


class Performer:
    def __init__(self) -> None:
        self.times = 0
        self.may_finish = asyncio.Event()

    async def __call__(self) -> CommandReply:
        self.times += 1
        await self.may_finish.wait()
        return CommandReply("c1", None, f"sdp {self.times}")


async def test_a_repeated_command_gets_the_first_reply() -> None:
    log, perform = CommandLog(), Performer()
    perform.may_finish.set()
    first = await log.once("c1", perform)
    assert await log.once("c1", perform) == first
    assert perform.times == 1


async def test_a_command_repeated_while_it_runs_waits_for_the_same_reply() -> None:
    log, perform = CommandLog(), Performer()
    both = [asyncio.create_task(log.once("c1", perform)) for _ in range(2)]
    await asyncio.sleep(0)
    perform.may_finish.set()
    replies = await asyncio.gather(*both)
    assert replies[0] == replies[1]
    assert perform.times == 1


async def test_a_reply_is_kept_for_its_time_and_not_for_ever() -> None:
    clock, perform = HandClock(), Performer()
    log = CommandLog(clock.now)
    perform.may_finish.set()
    await log.once("c1", perform)
    clock.pass_s(KEPT_S - 1)
    await log.once("c1", perform)
    assert perform.times == 1
    clock.pass_s(2 * KEPT_S)
    await log.once("c2", perform)
    assert len(log) == 1
    await log.once("c1", perform)
    assert perform.times == 3


async def test_a_plain_reply_repeated_still_names_its_command() -> None:
    log = CommandLog()

    async def accept() -> CommandReply:
        return CommandReply("c1", None, None)

    assert await log.once("c1", accept) == await log.once("c1", accept) == await accept()


async def test_a_failed_command_may_be_tried_again() -> None:
    log = CommandLog()

    async def fail() -> CommandReply:
        raise OSError("no socket")

    with pytest.raises(OSError, match="no socket"):
        await log.once("c1", fail)
    perform = Performer()
    perform.may_finish.set()
    assert (await log.once("c1", perform)).refusal is None
