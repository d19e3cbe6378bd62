"""A call in conversation: what either side may do, and how it ends."""

from __future__ import annotations

from softphone.protocol import (
    CallBridged,
    CallPhase,
    EndedBy,
    Prompt,
)
from tests.softphone.calls.scene import Scene


async def test_a_bridged_call_is_reported_when_audio_runs_both_ways(scene: Scene) -> None:
    scene.answer()
    scene.clock.pass_s(0.5)
    joint = scene.bridge()
    assert joint.done == ["connect with zip tone"]
    assert not scene.seen(CallBridged)
    scene.clock.pass_s(0.25)
    joint.become_audible()
    assert scene.last(CallBridged) == CallBridged("c1", "s1", 750)
    assert scene.call.state.seat_id == "s1"


async def test_a_customer_whose_phone_sends_nothing_is_bridged_after_a_second(
    scene: Scene,
) -> None:
    scene.answer()
    scene.bridge()
    scene.talk_for(0.8)
    assert not scene.seen(CallBridged)
    scene.talk_for(0.4)
    assert len(scene.seen(CallBridged)) == 1


async def test_a_bridged_call_goes_on_for_as_long_as_both_sides_want(scene: Scene) -> None:
    scene.answer()
    scene.bridge().become_audible()
    scene.talk_for(60)
    assert not scene.sip.ended
    assert len(scene.seen(CallBridged)) == 1
    scene.sip.say_bye()
    assert (scene.ended.by, scene.ended.abandoned) == (EndedBy.CUSTOMER, False)
    assert scene.seat.gone_tones == 1
    assert scene.audio.joints[0].done[-1] == "separate"


async def test_an_operator_who_hangs_up_hears_no_tone(scene: Scene) -> None:
    scene.answer()
    scene.bridge()
    scene.call.hang_up(by=EndedBy.DESK, cause="operator")
    assert scene.ended.by is EndedBy.DESK
    assert scene.seat.gone_tones == 0
    assert scene.seat.talk is None


async def test_only_a_waiting_call_and_a_free_seat_are_joined(scene: Scene) -> None:
    refusal = scene.call.bridge(scene.seat, zip_tone=True)
    assert refusal is not None and refusal.error_id == "call_not_waiting"
    scene.answer()
    scene.seat.leg = None
    refusal = scene.call.bridge(scene.seat, zip_tone=True)
    assert refusal is not None and refusal.error_id == "seat_busy"
    assert scene.call.phase is CallPhase.WAITING


async def test_hold_needs_a_bridge(scene: Scene) -> None:
    scene.answer()
    refusal = scene.call.hold(True)
    assert refusal is not None and refusal.error_id == "call_not_bridged"
    joint = scene.bridge()
    assert scene.call.hold(True) is None
    assert joint.done[-1] == "hold True"


async def test_a_re_invite_moves_the_audio_of_a_talk(scene: Scene) -> None:
    scene.answer()
    joint = scene.bridge()
    scene.call.on_media("elsewhere")
    assert scene.audio.connected_to == ["answer", "elsewhere"]
    assert joint.done[-1] == "media changed"


async def test_a_closing_prompt_takes_the_operator_off_the_line(scene: Scene) -> None:
    scene.answer()
    joint = scene.bridge()
    scene.call.end_with_prompt(Prompt.APOLOGY, by=EndedBy.DESK, cause="shift_over")
    assert joint.done[-1] == "separate"
    assert scene.seat.talk is None
    assert scene.audio.played == [Prompt.APOLOGY]
    scene.audio.finish_prompt()
    assert (scene.ended.by, scene.ended.abandoned) == (EndedBy.DESK, False)


async def test_a_customer_of_whom_nothing_comes_is_asked_after(scene: Scene) -> None:
    scene.answer()
    joint = scene.bridge()
    scene.talk_for(60)
    assert scene.sip.asked == 0
    joint.customer_silence_s = 25.0
    scene.talk_for(21)
    assert scene.sip.asked == 1
    scene.call.hang_up(by=EndedBy.DESK, cause="operator")
    scene.clock.pass_s(60)
    assert scene.sip.asked == 1
