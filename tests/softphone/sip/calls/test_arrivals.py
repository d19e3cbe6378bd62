"""Calls that come in on a trunk, over real sockets: taken, answered, refused, never left behind."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from softphone.sip.calls.arrivals import ArrivedCall
from softphone.sip.calls.endings import SipEnding
from softphone.sip.calls.journal import DialogJournal
from softphone.sip.messages.sdp import answer_audio
from softphone.sip.trunk.settings import TrunkRefused, TrunkSettings
from softphone.sip.trunk.trunk import Trunk
from tests.softphone.telephone import Telephone, in_time, telephone
from tests.waiting import await_until

OURS, THEIRS = "0312345678", "09012345678"


class Taker:
    """Whoever takes the trunk's calls: rings them and waits for the test."""

    def __init__(self) -> None:
        self.calls: list[ArrivedCall] = []
        self.endings: list[SipEnding] = []
        self.media: list[str] = []

    def take(self, call: ArrivedCall) -> None:
        self.calls.append(call)
        call.listen(self)
        call.ring()

    def answer(self) -> None:
        call = self.calls[-1]
        call.answer(answer_audio(call.offer, host="127.0.0.1", port=40000, session_id=1))

    def on_media(self, sdp: str) -> None:
        self.media.append(sdp)

    def on_end(self, ending: SipEnding) -> None:
        self.endings.append(ending)


class Line:
    """A started trunk with its taker, and a telephone at its other end."""

    def __init__(self, folder: Path, *, lines: int = 2, takes: bool = True) -> None:
        self.folder = folder
        self.taker = Taker()
        self.journal = DialogJournal(folder / "dialogs.journal")
        self.trunk = self.make_trunk(lines=lines, takes=takes)
        self.phone: Telephone

    def make_trunk(self, *, lines: int = 2, takes: bool = True) -> Trunk:
        settings = TrunkSettings(
            trunk_id="t1",
            host="127.0.0.1",
            port=9,
            domain="carrier.test",
            caller_id=OURS,
            lines=lines,
            calls_per_second=10,
        )
        on_arrival = self.taker.take if takes else None
        return Trunk(settings, self.journal, on_arrival=on_arrival)


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[Line]:
    made = Line(tmp_path)
    await made.trunk.start()
    async with telephone(tmp_path / "phone", made.trunk.endpoint.address) as phone:
        made.phone = phone
        yield made
    await made.trunk.stop(within_s=0.5)
    made.journal.close()


async def test_a_call_rings_is_answered_and_hung_up_by_us(line: Line) -> None:
    caller = await line.phone.call(OURS, number=THEIRS)
    await await_until(lambda: caller.rings, what="180")
    [call] = line.taker.calls
    assert (call.number, call.called, call.trunk_id) == ("+819012345678", "+81312345678", "t1")
    assert len(call.call_id) == 32
    assert line.trunk.lines_in_use == 1
    acknowledged: list[bool] = []
    call.on_acknowledged = lambda: acknowledged.append(True)
    line.taker.answer()
    assert not acknowledged
    await in_time(caller.answered)
    await await_until(lambda: acknowledged == [True], what="the ACK")
    assert [record.phase for record in line.journal.records("t1")] == ["confirmed"]
    call.hang_up("done")
    await in_time(caller.ended)
    assert [(end.by, end.answered) for end in line.taker.endings] == [("local", True)]
    await await_until(lambda: not line.journal.records("t1"), what="the end of the dialog")
    assert line.trunk.lines_in_use == 0


async def test_the_caller_hangs_up(line: Line) -> None:
    caller = await line.phone.call(OURS, number=THEIRS)
    await await_until(lambda: line.taker.calls, what="the call")
    line.taker.answer()
    await in_time(caller.answered)
    caller.hang_up()
    await await_until(lambda: line.taker.endings, what="the end")
    assert (line.taker.endings[0].by, line.taker.endings[0].answered) == ("remote", True)


async def test_the_caller_gives_up(line: Line) -> None:
    caller = await line.phone.call(OURS, number=THEIRS)
    await await_until(lambda: caller.rings, what="180")
    caller.hang_up()
    await await_until(lambda: line.taker.endings, what="the end")
    assert (line.taker.endings[0].code, line.taker.endings[0].by) == (487, "remote")
    assert not line.journal.records("t1")


async def test_calls_that_came_in_are_lines_of_the_trunk(line: Line) -> None:
    for _ in range(2):
        await line.phone.call(OURS, number=THEIRS)
    await await_until(lambda: len(line.taker.calls) == 2, what="two calls")
    third = await line.phone.call(OURS, number=THEIRS)
    await in_time(third.ended)
    assert third.ending is not None
    assert third.ending.code == 486
    _, dialogs, turned_away = line.trunk.load()
    assert (dialogs, turned_away) == (2, 1)
    with pytest.raises(TrunkRefused) as refused:
        line.trunk.place(None, None)  # type: ignore[arg-type]  # it is never looked at
    assert refused.value.reason == "lines"


async def test_a_trunk_nobody_listens_to_takes_no_calls(tmp_path: Path) -> None:
    deaf = Line(tmp_path, takes=False)
    await deaf.trunk.start()
    async with telephone(tmp_path / "phone", deaf.trunk.endpoint.address) as phone:
        caller = await phone.call(OURS, number=THEIRS)
        await in_time(caller.ended)
        assert caller.ending is not None
        assert caller.ending.code == 403
    await deaf.trunk.stop(within_s=0.2)


async def test_stopping_refuses_who_rings_and_hangs_up_who_talks(line: Line) -> None:
    talking = await line.phone.call(OURS, number=THEIRS)
    await await_until(lambda: line.taker.calls, what="the first call")
    line.taker.answer()
    await in_time(talking.answered)
    ringing = await line.phone.call(OURS, number=THEIRS)
    await await_until(lambda: ringing.rings, what="180")
    await line.trunk.stop(within_s=2.0)
    await in_time(talking.ended)
    await in_time(ringing.ended)
    assert not line.journal.records("t1")


@pytest.mark.parametrize("answered", [True, False])
async def test_a_new_process_ends_what_a_killed_one_left(line: Line, answered: bool) -> None:
    caller = await line.phone.call(OURS, number=THEIRS)
    await await_until(lambda: caller.rings, what="180")
    if answered:
        line.taker.answer()
        await in_time(caller.answered)
    line.trunk._agent.layer.close()  # as kill -9 leaves it: nothing said, the journal as it is
    line.trunk.endpoint.close()
    again = line.make_trunk()
    await again.start()
    try:
        await in_time(caller.ended)
        assert caller.ending is not None
        assert caller.ending.code == (200 if answered else 480)
        await await_until(lambda: not line.journal.records("t1"), what="a clean journal")
    finally:
        await again.stop(within_s=0.2)
