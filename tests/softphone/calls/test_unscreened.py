"""Answered and not screened: offered at once, or treated as the law asks."""

from __future__ import annotations

from softphone.protocol import (
    CallAnswered,
    CallPhase,
    CallScreened,
    CallTreated,
    EndedBy,
    Prompt,
    Verdict,
)
from tests.softphone.calls.scene import Scene


async def test_without_screening_the_answer_is_the_offer(scene: Scene) -> None:
    scene.answer()
    assert scene.audio.connected_to == ["answer"]
    assert scene.events[-2:] == [
        CallAnswered("c1"),
        CallScreened("c1", Verdict.NOT_SCREENED, None, True, "not screened"),
    ]
    assert scene.call.phase is CallPhase.WAITING


async def test_nobody_in_time_means_the_recording_and_an_abandoned_call(scene: Scene) -> None:
    scene.answer()
    scene.clock.pass_s(1.99)
    assert not scene.audio.played
    scene.clock.pass_s(0.02)
    assert scene.audio.played == [Prompt.SAFE_HARBOUR]
    assert scene.last(CallTreated) == CallTreated("c1", Prompt.SAFE_HARBOUR, 2000)
    assert not scene.sip.ended
    scene.audio.finish_prompt()
    assert scene.sip.ended
    assert (scene.ended.abandoned, scene.ended.by) == (True, EndedBy.GATEWAY)


async def test_hanging_up_during_the_recording_is_still_abandoned(scene: Scene) -> None:
    scene.answer()
    scene.clock.pass_s(2.5)
    scene.sip.say_bye()
    assert (scene.ended.abandoned, scene.ended.by) == (True, EndedBy.CUSTOMER)


async def test_a_customer_who_hangs_up_before_the_time_is_over_is_not_abandoned(
    scene: Scene,
) -> None:
    scene.answer()
    scene.clock.pass_s(1.0)
    scene.sip.say_bye()
    assert (scene.ended.abandoned, scene.ended.by) == (False, EndedBy.CUSTOMER)


async def test_hanging_up_on_a_waiting_person_is_abandoned(scene: Scene) -> None:
    scene.answer()
    scene.call.hang_up(by=EndedBy.DESK, cause="no_seat")
    assert (scene.ended.abandoned, scene.ended.by) == (True, EndedBy.DESK)
