"""Where a registrar finds the account of the Kamailio in `tests/interop/peers`."""

from __future__ import annotations

import asyncio
import itertools

from softphone.sip.messages.headers import parse_name_addr
from softphone.sip.messages.message import Message
from softphone.sip.trunk.trunk import Trunk
from tests.waiting import PATIENCE_S


async def bound(trunk: Trunk) -> set[str]:
    """User and address of each Contact: a REGISTER without any asks (RFC 3261 §10.2.3)."""
    agent, numbers, call_id = trunk._agent, itertools.count(1), trunk._agent.new_call_id()
    answer: asyncio.Future[Message | None] = asyncio.get_running_loop().create_future()

    def build() -> Message:
        request = Message("REGISTER", "sip:carrier.test")
        request.headers = {
            "via": [agent.new_via()],
            "max-forwards": ["70"],
            "from": ["<sip:trunk@carrier.test>;tag=asks"],
            "to": ["<sip:trunk@carrier.test>"],
            "call-id": [call_id],
            "cseq": [f"{next(numbers)} REGISTER"],
        }
        return request

    agent.exchange(build, ("127.0.0.1", trunk.settings.port), answer.set_result)
    response = await asyncio.wait_for(answer, PATIENCE_S)
    assert response is not None and response.code == 200, response
    return {parse_name_addr(each).uri.removeprefix("sip:") for each in response.values("contact")}
