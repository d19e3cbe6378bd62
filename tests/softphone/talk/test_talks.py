"""What a talk adds to its bridge: the far side's hold, and what the operator is played first."""

from __future__ import annotations

import pytest

from softphone.audio.prompts import Sound
from softphone.audio.tones import tone
from softphone.protocol import CallBridged, CallEnded, EndedBy
from tests.softphone.calls.scene import Scene


@pytest.fixture
async def scene() -> Scene:
    scene = Scene()
    scene.answer()
    scene.bridge()
    return scene


async def test_a_line_held_by_the_far_side_sounds_alive_when_nothing_comes(scene: Scene) -> None:
    joint = scene.audio.joints[0]
    scene.sip.listener.on_media("a=sendonly")
    scene.talk_for(0.3)
    assert "far hold True" not in joint.done  # their music comes
    joint.customer_silence_s = 1.0
    scene.talk_for(0.3)
    joint.customer_silence_s = 0.0
    scene.talk_for(0.3)
    joint.customer_silence_s = 1.0
    scene.talk_for(0.3)
    scene.sip.listener.on_media("a=sendrecv")
    scene.talk_for(0.3)
    told = [each for each in joint.done if each.startswith("far hold")]
    assert told == ["far hold True", "far hold False", "far hold True", "far hold False"]


async def test_a_line_that_was_held_before_the_bridge_sounds_alive_too() -> None:
    scene = Scene()
    scene.answer()
    scene.sip.listener.on_media("a=sendonly")
    scene.bridge()
    scene.audio.joints[0].customer_silence_s = 1.0
    scene.talk_for(0.3)
    assert "far hold True" in scene.audio.joints[0].done


async def test_a_customer_who_is_merely_quiet_is_not_on_hold(scene: Scene) -> None:
    joint = scene.audio.joints[0]
    joint.customer_silence_s = 5.0
    scene.talk_for(0.5)
    assert not any(each.startswith("far hold") for each in joint.done)


@pytest.mark.parametrize("wanted", [True, False])
async def test_the_greeting_is_replayed_when_the_desk_asks(wanted: bool) -> None:
    scene = Scene()
    scene.audio.kept = Sound("greeting", tone(500, 100))
    scene.answer()
    assert scene.call.bridge(scene.seat, zip_tone=True, replay_greeting=wanted) is None
    expected = "connect with zip tone and greeting" if wanted else "connect with zip tone"
    assert scene.audio.joints[0].done == [expected]


async def test_what_was_heard_before_the_end_is_told_with_it() -> None:
    scene = Scene()
    scene.sip.listener.on_ringing(183, "early")
    assert scene.audio.on_evidence is not None
    scene.audio.on_evidence("information tone")
    scene.sip.refuse(480)
    assert scene.last(CallEnded).early_media == "information tone"
    assert scene.last(CallEnded).sip_code == 480


async def test_early_media_after_the_answer_is_no_early_media() -> None:
    scene = Scene()
    scene.answer()
    scene.sip.listener.on_ringing(183, "late")
    assert scene.audio.on_evidence is None


async def test_a_customer_who_hangs_up_as_the_bridge_is_made_leaves_no_talk_behind(
    scene: Scene,
) -> None:
    scene.sip.say_bye()
    assert (scene.ended.by, scene.ended.abandoned) == (EndedBy.CUSTOMER, False)
    assert scene.seat.talk is None
    assert scene.audio.joints[0].done[-1] == "separate"
    assert scene.seen(CallBridged) == []
    assert scene.call.bridge(scene.seat, zip_tone=True) is not None
