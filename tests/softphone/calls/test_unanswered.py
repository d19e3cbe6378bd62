"""Calls nobody answers: who ended them, and with which word."""

from __future__ import annotations

from softphone.protocol import (
    CallEnded,
    CallPlaced,
    CallRinging,
    EndedBy,
    Prompt,
    Verdict,
)
from tests.softphone.calls.scene import Scene


async def test_placing_and_the_first_ringing_are_reported_once(scene: Scene) -> None:
    scene.sip.ring(183)
    scene.sip.ring(180)
    assert scene.events == [CallPlaced("c1", "t1", ""), CallRinging("c1", 183)]


async def test_a_busy_number_ends_with_the_carriers_code(scene: Scene) -> None:
    scene.sip.refuse(486, "Busy Here", q850=17)
    assert scene.ended == CallEnded(
        call_id="c1",
        by=EndedBy.TRUNK,
        sip_code=486,
        q850=17,
        rang=False,
        answered=False,
        verdict=Verdict.NOT_SCREENED,
        abandoned=False,
        seat_lost=False,
        cause="Busy Here",
    )


async def test_a_silent_trunk_is_the_trunks_fault(scene: Scene) -> None:
    scene.sip.stay_silent()
    assert (scene.ended.by, scene.ended.sip_code) == (EndedBy.TRUNK, 408)


async def test_the_ring_limit_is_the_gateways_doing(scene: Scene) -> None:
    scene.sip.ring()
    scene.sip.reach_ring_limit()
    assert (scene.ended.by, scene.ended.sip_code, scene.ended.rang) == (EndedBy.GATEWAY, 487, True)


async def test_hanging_up_a_ringing_call_is_final_when_the_carrier_confirms(scene: Scene) -> None:
    scene.sip.ring()
    for _ in range(3):
        scene.call.hang_up(by=EndedBy.DESK, cause="operator_away")
    assert scene.sip.causes == ["operator_away"]
    assert not scene.seen(CallEnded)
    scene.sip.confirm_cancel()
    assert (scene.ended.by, scene.ended.cause) == (EndedBy.DESK, "operator_away")


async def test_a_refusal_that_crosses_our_cancel_stands(scene: Scene) -> None:
    scene.call.hang_up(by=EndedBy.DESK, cause="stop")
    scene.sip.refuse(486)
    assert (scene.ended.by, scene.ended.sip_code) == (EndedBy.TRUNK, 486)


async def test_an_answer_that_crosses_our_cancel_left_a_person_hanging(scene: Scene) -> None:
    scene.sip.ring()
    scene.call.hang_up(by=EndedBy.DESK, cause="stop")
    scene.sip.answer_across_cancel()
    assert (scene.ended.answered, scene.ended.abandoned) == (True, True)
    assert scene.ended.sip_code is None


async def test_a_prompt_for_a_ringing_call_is_a_cancel(scene: Scene) -> None:
    scene.sip.ring()
    scene.call.end_with_prompt(Prompt.APOLOGY, by=EndedBy.DESK, cause="stop")
    assert scene.sip.causes == ["stop"]
    assert not scene.audio.played
