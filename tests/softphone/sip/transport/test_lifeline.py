"""The connection of a trunk comes back: at once after a while, ever more slowly when it flaps."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from softphone.sip.transport import lifeline
from softphone.sip.transport.lifeline import Lifeline
from softphone.sip.transport.transactions import Address
from softphone.sip.trunk.targets import Targets

A, B = ("192.0.2.1", 5060), ("192.0.2.2", 5060)


class Line:
    """A lifeline whose connections the test makes, refuses and breaks."""

    def __init__(self, *addresses: Address) -> None:
        self.tried: list[Address] = []
        self.waits: list[float] = []
        self.told: list[str] = []
        self.refuses: set[Address] = set()
        self.flaps = False
        self.targets = Targets(addresses)
        self.rest = asyncio.Event()
        self.lifeline = Lifeline(
            self,  # type: ignore[arg-type]  # the one method of an endpoint it uses
            self.targets,
            on_up=lambda: self.told.append("up"),
            on_down=self._down,
            wait=self._wait,
        )
        self.task = asyncio.create_task(self.lifeline.hold())

    async def connect(self, address: Address) -> Any:
        self.tried.append(address)
        if address in self.refuses:
            raise ConnectionRefusedError(111, "refused")
        if self.flaps:
            asyncio.get_running_loop().call_soon(self.lifeline.lost, address, "closed by the peer")

    def _down(self, address: Address, reason: str) -> None:
        self.told.append(reason)
        self.targets.fail(address, asyncio.get_running_loop().time())

    async def _wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        if len(self.waits) >= 8:
            await asyncio.Event().wait()


@pytest.fixture
async def ended() -> AsyncIterator[list[Line]]:
    lines: list[Line] = []
    yield lines
    for line in lines:
        line.task.cancel()


async def turns(count: int = 60) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_each_address_is_tried_before_any_wait(ended: list[Line]) -> None:
    line = Line(A, B)
    ended.append(line)
    line.refuses = {A}
    await turns()
    assert line.tried == [A, B] and line.waits == []
    assert line.told == ["no connection to the trunk: connection refused", "up"]


async def test_a_trunk_out_of_reach_is_tried_ever_more_slowly(ended: list[Line]) -> None:
    line = Line(A)
    ended.append(line)
    line.refuses = {A}
    await turns()
    assert line.waits == [1, 2, 4, 8, 16, 30, 30, 30]


async def test_a_connection_that_flaps_counts_as_none(ended: list[Line]) -> None:
    line = Line(A)
    ended.append(line)
    line.flaps = True
    await turns()
    assert line.waits == [1, 2, 4, 8, 16, 30, 30, 30]
    assert line.told[:2] == ["up", "closed by the peer"]


async def test_one_that_lasted_is_made_anew_at_once(
    ended: list[Line], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lifeline, "_LASTS_S", 0.0)
    line = Line(A)
    ended.append(line)
    await turns()
    line.lifeline.lost(A, "closed by the peer")
    await turns()
    assert line.tried == [A, A] and line.waits == [] and line.told == ["up", "up"]


async def test_another_connection_of_the_endpoint_is_not_its_business(ended: list[Line]) -> None:
    line = Line(A)
    ended.append(line)
    await turns()
    line.lifeline.lost(B, "closed by the peer")
    await turns()
    assert line.tried == [A]
