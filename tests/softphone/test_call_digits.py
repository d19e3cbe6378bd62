"""Keys on a call: sent while somebody talks, reported whenever they are heard."""

from __future__ import annotations

import pytest

from softphone.protocol import DigitHeard, Refusal
from tests.softphone.calls.scene import Scene


def bridged() -> Scene:
    scene = Scene()
    scene.call.on_answer("v=0")
    scene.call.bridge(scene.seat, zip_tone=False)
    return scene


async def test_keys_go_to_the_customer_of_a_bridged_call() -> None:
    scene = bridged()
    assert scene.call.press("12*#") is None
    assert scene.audio.pressed == ["12*#"]


async def test_keys_need_a_talk() -> None:
    scene = Scene()
    refused = scene.call.press("1")
    assert isinstance(refused, Refusal)
    assert refused.error_id == "call_not_bridged"


@pytest.mark.parametrize("digits", ["", "12a", "1 2", "1" * 33])
async def test_what_is_no_key_is_refused_whole(digits: str) -> None:
    scene = bridged()
    refused = scene.call.press(digits)
    assert isinstance(refused, Refusal)
    assert refused.error_id == "malformed"
    assert scene.audio.pressed == []


async def test_keys_of_the_customer_are_reported_however_they_come() -> None:
    scene = bridged()
    assert scene.audio.on_digit is not None
    scene.audio.on_digit("5", 100, False)
    scene.audio.on_digit("6", 80, True)
    scene.sip.on_digit("7", 160)
    assert scene.seen(DigitHeard) == [
        DigitHeard("c1", "5", 100, False),
        DigitHeard("c1", "6", 80, True),
        DigitHeard("c1", "7", 160, False),
    ]


async def test_a_call_is_measured_while_it_is_bridged() -> None:
    scene = Scene()
    assert scene.call.media is None
    scene.call.on_answer("v=0")
    assert scene.call.media is None
    scene.call.bridge(scene.seat, zip_tone=False)
    assert scene.call.media is scene.audio.media
