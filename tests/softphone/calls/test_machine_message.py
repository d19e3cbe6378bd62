"""A bridged call on which a machine answered: the operator is out, the message goes on alone."""

from __future__ import annotations

import numpy as np

from softphone.audio.prompts import Sound
from softphone.protocol import CallEnded, CallPhase, EndedBy, LeaveMessage, MessageLeft
from softphone.switchboard.messages import Messages
from tests.softphone.calls.scene import Scene

RECORDING = "7b" * 32
SOUND = Sound("message", np.zeros(160), RECORDING)


def order(scene: Scene, recording: str = RECORDING) -> str | None:
    """Tell the call to leave it; the id of the refusal."""
    messages = Messages(
        {RECORDING: SOUND}.get,
        find_call=lambda call_id: scene.call if call_id == "c1" else None,
        report=scene.events.append,
    )
    refusal = messages.leave(LeaveMessage("c1", recording))
    return None if refusal is None else refusal.error_id


async def test_the_operator_is_free_at_once_and_the_call_ends_when_all_is_said(
    scene: Scene,
) -> None:
    scene.answer()
    scene.bridge()
    assert order(scene) is None
    assert scene.seat.talk is None and not scene.seat.gone_tones
    assert scene.call.phase is CallPhase.TREATED
    assert scene.audio.left is SOUND and not scene.seen(CallEnded)
    scene.audio.said(9_000, whole=True)
    assert scene.last(MessageLeft) == MessageLeft("c1", RECORDING, 9_000, True)
    assert (scene.ended.by, scene.ended.cause) == (EndedBy.DESK, "message_left")
    assert not scene.ended.abandoned


async def test_a_machine_that_hangs_up_meanwhile_has_a_part_of_it(scene: Scene) -> None:
    scene.answer()
    scene.bridge()
    order(scene)
    scene.sip.say_bye()
    assert not scene.last(MessageLeft).whole
    assert scene.ended.by is EndedBy.CUSTOMER


async def test_what_cannot_be_left_is_refused_and_changes_nothing(scene: Scene) -> None:
    scene.answer()
    assert order(scene) == "call_not_bridged"
    scene.bridge()
    assert order(scene, "ab" * 32) == "recording_unknown"
    assert scene.call.phase is CallPhase.BRIDGED
