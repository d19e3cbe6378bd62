"""Desk and gateway die together, wherever everybody was: the gateway's next hello is stored.

A hello that can never be stored would keep a centre from calling until somebody repairs rows.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from agent_desk.dialer.floor import CallState
from softphone import protocol
from tests.agent_desk.small_desk import Shift, SmallDesk, ended

Step = Callable[[], object]


class Day:
    """One operator's day in random steps; whatever is refused is refused."""

    def __init__(self, desk: SmallDesk, rng: random.Random) -> None:
        self.desk, self.rng = desk, rng
        self.shift = Shift.begin(desk)

    def go_on(self, steps: int) -> None:
        for _ in range(steps):
            self.rng.choice(self._possible())()
            self.desk.tick(self.rng.choice((0.0, 0.2, 1.0)))
            self.shift.alive()

    def _possible(self) -> list[Step]:
        page, tell = self.shift.page, self.shift.gateway.tell
        steps: list[Step] = [
            lambda: page.ask("go_available"),
            lambda: page.ask("go_away", reason="break"),
            lambda: self.desk.tick(70.0),
        ]
        for call in self.desk.desk.commits.floor.calls.values():
            steps += self._progress(str(call.call_id), call.state, page.ask, tell)
        return steps

    def _progress(
        self, call_id: str, state: CallState, ask: Callable[..., object], tell: Callable[..., int]
    ) -> list[Step]:
        human = protocol.Verdict.HUMAN
        if state is CallState.ENDED:
            return [lambda: ask("save_result", call_id=call_id, note="done")]
        over = [lambda: tell(ended(call_id, answered=state is CallState.BRIDGED))]
        after: dict[CallState, list[Step]] = {
            CallState.LEASED: [lambda: tell(protocol.CallPlaced(call_id, "trunk1"))],
            CallState.PLACED: [
                lambda: tell(protocol.CallRinging(call_id, 180)),
                lambda: tell(protocol.CallAnswered(call_id)),
            ],
            CallState.RINGING: [lambda: tell(protocol.CallAnswered(call_id))],
            CallState.ANSWERED: [
                lambda: tell(protocol.CallScreened(call_id, human, 600, True, "voice"))
            ],
            CallState.WAITING: [
                lambda: tell(protocol.CallBridged(call_id, "operator1", 800)),
                lambda: tell(protocol.CallTreated(call_id, protocol.Prompt.SAFE_HARBOUR, 2000)),
            ],
            CallState.BRIDGED: [
                lambda: ask("hold", on=self.rng.random() < 0.5),
                lambda: ask("mute", on=self.rng.random() < 0.5),
                lambda: ask("hang_up"),
                lambda: ask("mark_status", call_id=call_id, code="contact", on=True),
                lambda: ask("draft_note", call_id=call_id, text="so far"),
                lambda: ask("go_away", reason="break"),
                lambda: tell(protocol.SeatSilent(call_id, "operator1", self.rng.random() < 0.5)),
            ],
        }
        return [*after.get(state, []), *over]


@pytest.mark.parametrize("seed", range(6))
def test_the_next_hello_is_stored_wherever_everybody_was(
    sqlite_url: str, tmp_path: Path, seed: int
) -> None:
    rng = random.Random(seed)
    first = SmallDesk(sqlite_url, tmp_path)
    try:
        Day(first, rng).go_on(rng.randrange(3, 25))
        clock = first.clock
    finally:
        first.stop()
    clock.advance(rng.choice((0.0, 3.0, 200.0)))
    again = SmallDesk(sqlite_url, tmp_path, clock=clock)
    try:
        gateway = again.gateway(boot_id="boot2")
        assert again.desk.link.linked == {"gw1": True}
        floor = again.desk.commits.floor
        assert floor.gateways, "the hello became true"
        assert not [call for call in floor.calls.values() if call.state is not CallState.ENDED]
        assert gateway.newest(protocol.HangUp) is None
    finally:
        again.stop()
