"""A customer who is asked at the end of a talk: the operator is out, the question goes on alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from softphone.audio.prompts import Sound
from softphone.protocol import AskCustomer, CallEnded, CallPhase, CustomerAnswered, EndedBy
from softphone.switchboard.questions import Questions
from softphone.talk.asking import Answer, Asked
from tests.softphone.calls.scene import Scene

QUESTION = Sound("question", np.zeros(160), "7b" * 32)
THANKS = Sound("thanks", np.zeros(160), "c4" * 32)
ASK = AskCustomer("c1", QUESTION.sha256, THANKS.sha256, keys="12345", wait_s=6.0)


def order(scene: Scene, command: AskCustomer = ASK) -> str | None:
    """Have the customer asked; the id of the refusal."""
    questions = Questions(
        {QUESTION.sha256: QUESTION, THANKS.sha256: THANKS}.get,
        find_call=lambda call_id: scene.call if call_id == "c1" else None,
        report=scene.events.append,
    )
    refusal = questions.ask(command)
    return None if refusal is None else refusal.error_id


async def test_the_operator_is_free_at_once_the_answer_told_and_the_customer_thanked(
    scene: Scene,
) -> None:
    scene.answer()
    scene.bridge()
    assert order(scene) is None
    assert scene.seat.talk is None and not scene.seat.gone_tones
    assert scene.call.phase is CallPhase.TREATED
    assert scene.audio.asked == Asked(QUESTION, "12345", 6.0, 2)
    scene.audio.answer_with(Answer("4", "answered", 1))
    assert scene.last(CustomerAnswered) == CustomerAnswered(
        "c1", QUESTION.sha256, "4", "answered", 1
    )
    assert scene.audio.spoken == [THANKS] and not scene.seen(CallEnded)
    scene.audio.finish_prompt()
    assert (scene.ended.by, scene.ended.cause) == (EndedBy.DESK, "asked")
    assert not scene.ended.abandoned


async def test_keys_of_the_customer_go_to_the_question_and_to_no_question_without_one(
    scene: Scene,
) -> None:
    scene.answer()
    scene.bridge()
    assert scene.audio.on_digit is not None
    scene.audio.on_digit("3", 100, False)
    assert not scene.audio.keys
    order(scene)
    scene.audio.on_digit("5", 100, False)
    scene.audio.on_digit("2", 100, True)
    assert scene.audio.keys == ["5", "2"]


async def test_silence_is_thanked_too(scene: Scene) -> None:
    scene.answer()
    scene.bridge()
    order(scene)
    scene.audio.answer_with(Answer("", "silent", 1))
    assert scene.audio.spoken == [THANKS]


async def test_a_customer_who_hangs_up_is_thanked_for_nothing(scene: Scene) -> None:
    scene.answer()
    scene.bridge()
    order(scene)
    scene.sip.say_bye()
    assert scene.last(CustomerAnswered).outcome == "hung_up"
    assert not scene.audio.spoken
    assert scene.ended.by is EndedBy.CUSTOMER


async def test_who_hangs_up_while_being_thanked_has_answered(scene: Scene) -> None:
    scene.answer()
    scene.bridge()
    order(scene)
    scene.audio.answer_with(Answer("1", "answered", 1))
    scene.sip.say_bye()
    assert len(scene.seen(CustomerAnswered)) == 1
    assert scene.ended.by is EndedBy.CUSTOMER


@pytest.mark.parametrize(
    ("command", "error_id"),
    [
        (replace(ASK, call_id="c2"), "call_unknown"),
        (replace(ASK, question="ab" * 32), "recording_unknown"),
        (replace(ASK, thanks="ab" * 32), "recording_unknown"),
        (replace(ASK, keys=""), "malformed"),
        (replace(ASK, keys="1x"), "malformed"),
        (replace(ASK, wait_s=0.0), "malformed"),
        (replace(ASK, wait_s=61.0), "malformed"),
        (replace(ASK, tries=0), "malformed"),
    ],
)
async def test_what_cannot_be_asked_is_refused_and_changes_nothing(
    scene: Scene, command: AskCustomer, error_id: str
) -> None:
    scene.answer()
    assert order(scene) == "call_not_bridged"
    scene.bridge()
    assert order(scene, command) == error_id
    assert scene.call.phase is CallPhase.BRIDGED and scene.audio.asked is None
