"""The operator without a browser ends what it began, whenever it is told to stop."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from softphone.audio.ticker import Ticker
from tests.operator_client import LinkLost, OperatorClient
from tests.waiting import await_until


class MuteSocket:
    """Takes every event and answers none."""

    namespaces = ("/desk",)

    def __init__(self) -> None:
        self.waiting = 0

    async def call(self, *_: Any, **__: Any) -> None:
        self.waiting += 1
        try:
            await asyncio.wait_for(asyncio.Event().wait(), 60)
        finally:
            self.waiting -= 1

    async def disconnect(self) -> None:
        """Nothing to close."""


@pytest.fixture
async def operator() -> OperatorClient:
    operator = OperatorClient("http://127.0.0.1:9", "operator1", ticker=Ticker())
    operator.socket = MuteSocket()
    return operator


async def test_a_press_that_is_cancelled_leaves_no_question_behind(
    operator: OperatorClient,
) -> None:
    pressing = asyncio.create_task(operator.press("go_available"))
    await await_until(lambda: operator.socket.waiting == 1)
    pressing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await pressing
    assert operator.socket.waiting == 0
    await operator.close()


async def test_a_question_ends_with_the_connection(operator: OperatorClient) -> None:
    asking = asyncio.create_task(operator.send("go_available"))
    await await_until(lambda: operator.socket.waiting == 1)
    await operator._disconnected()
    with pytest.raises(LinkLost):
        await asking
    assert operator.socket.waiting == 0
    await operator.close()
