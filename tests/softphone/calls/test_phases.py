"""The phases of a call: each move is in the table or refused, and it ends once."""

from __future__ import annotations

import pytest

from softphone.protocol import (
    CallPhase,
    EndedBy,
    Prompt,
)
from softphone.talk.phases import MOVES, IllegalMove
from tests.softphone.calls.scene import Scene


@pytest.mark.parametrize("start", CallPhase)
@pytest.mark.parametrize("to", CallPhase)
async def test_every_move_is_in_the_table_or_refused(start: CallPhase, to: CallPhase) -> None:
    scene = Scene()
    scene.call.phase = start
    if to in MOVES[start]:
        scene.call._move(to)
        assert scene.call.phase is to
    else:
        with pytest.raises(IllegalMove, match=f"{start} cannot become {to}"):
            scene.call._move(to)
        assert scene.call.phase is start


async def test_hanging_up_works_in_every_phase_and_ends_once() -> None:
    def waiting(scene: Scene) -> None:
        scene.answer()

    def bridged(scene: Scene) -> None:
        scene.answer()
        scene.bridge()

    def treated(scene: Scene) -> None:
        scene.answer()
        scene.clock.pass_s(3)

    for arrive in (waiting, bridged, treated):
        scene = Scene()
        arrive(scene)
        scene.call.hang_up(by=EndedBy.DESK, cause="stop")
        scene.call.hang_up(by=EndedBy.GATEWAY, cause="again")
        scene.call.end_with_prompt(Prompt.APOLOGY, by=EndedBy.DESK, cause="late")
        assert scene.ended.by is EndedBy.DESK
        assert scene.sip.causes == ["stop"]
