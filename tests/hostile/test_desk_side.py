"""What comes through the desk: offers of hostile pages, and commands that are none."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest

from softphone.protocol import CloseSeat, CommandEnvelope, HangUp, OpenSeat, encode
from softphone.webrtc.offering_peer import OfferingPeer
from tests.hostile import bombs
from tests.hostile.mutations import mutated
from tests.hostile.scene import Scene

pytestmark = [pytest.mark.processes, pytest.mark.asyncio(loop_scope="module")]


async def hostile_offers() -> list[str]:
    peer = OfferingPeer()
    offer = await peer.offer()
    await peer.close()
    dice = random.Random(34)
    texts = list(bombs.offers(offer).values())
    seeds = [offer.encode()]
    return texts + [
        mutated(dice, seeds[0], seeds).decode("utf-8", "surrogateescape") for _ in range(60)
    ]


async def test_offers_of_hostile_pages_are_refused_or_answered(scene: Scene) -> None:
    offers = await hostile_offers()
    await asyncio.sleep(0)  # the socket of the offering peer closes on the next turn
    refusals: set[str] = set()

    async def shoot() -> None:
        for number, text in enumerate(offers):
            reply = await scene.desk.send(OpenSeat(f"h{number}", text))
            if reply.refusal is not None:
                refusals.add(reply.refusal.error_id)
            else:
                await scene.desk.send(CloseSeat(f"h{number}"))

    await scene.attack(shoot)
    assert refusals == {"bad_offer"}
    assert len(scene.desk.hellos) == 1, "the link stood"


async def test_commands_that_are_none_are_refused(scene: Scene) -> None:
    right = encode(CommandEnvelope("x", scene.desk.epoch, "gw1", HangUp("c1", "operator")))

    def wrong() -> list[dict[str, Any]]:
        command = right["command"]
        return [
            {},
            {"type": "CommandEnvelope"},
            {**right, "command_id": None},
            {**right, "command_id": 7},
            {**right, "epoch": "1"},
            {**right, "gateway_id": []},
            {**right, "command": None},
            {**right, "command": []},
            {**right, "command": {"type": "Explode"}},
            {**right, "command": {"type": "HangUp"}},
            {**right, "command": {**command, "call_id": {"a": [1] * 1000}}},
            {**right, "command": {**command, "call_id": "x" * 100_000}},
            {**right, "command": {**command, "call_id": "\0\n\u202e"}},
            {**right, "command": {"type": "Hold", "call_id": "c1", "on": "yes"}},
        ]

    async def shoot() -> None:
        for number, data in enumerate(wrong()):
            if isinstance(data.get("command_id"), str):
                data["command_id"] = f"wrong-{number}"
            reply = await scene.desk.send_raw(data)
            assert reply.refusal is not None, data

    await scene.attack(shoot)
    assert len(scene.desk.hellos) == 1, "the link stood"
