"""Several trunks, each with its state and this gateway's share of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from softphone.protocol import Event, OrphansCleared, TrunkChanged, TrunkLiveness, TrunkShare
from softphone.routing import trunks as trunks_module
from softphone.routing.trunks import Trunks
from softphone.sip.trunk.settings import TrunkState
from tests.fakes.trunk import FakeTrunk
from tests.waiting import await_until


class Yard:
    def __init__(self) -> None:
        self.events: list[Event] = []
        self.trunks = Trunks(self.events.append)
        self.made: list[FakeTrunk] = []

    def add(self, trunk_id: str, *, orphans: int = 0, trunk: FakeTrunk | None = None) -> FakeTrunk:
        def make(on_state: Callable[[TrunkState, str], None]) -> FakeTrunk:
            made = trunk or FakeTrunk(trunk_id)
            made.on_state = on_state
            self.made.append(made)
            return made

        self.trunks.add(TrunkShare(trunk_id, 10, 5.0), make, orphans=lambda: orphans)
        return self.made[-1]


@pytest.fixture
async def yard() -> AsyncIterator[Yard]:
    yard = Yard()
    yield yard
    await yard.trunks.stop(within_s=0.1)


async def test_a_trunk_that_starts_is_reported_up(yard: Yard) -> None:
    yard.add("t1")
    assert yard.trunks.states() == (TrunkChanged("t1", False, "not started"),)
    await yard.trunks.start()
    assert yard.events == [TrunkChanged("t1", True, "up")]
    assert yard.trunks.states() == (TrunkChanged("t1", True, "up"),)


async def test_each_change_is_reported_once(yard: Yard) -> None:
    trunk = yard.add("t1")
    await yard.trunks.start()
    for state in ("down", "down", "up"):
        trunk.on_state(state, state)
    assert [(e.up, e.reason) for e in yard.events if isinstance(e, TrunkChanged)] == [
        (True, "up"),
        (False, "down"),
        (True, "up"),
    ]


async def test_cleared_orphans_are_counted_for_their_trunk(yard: Yard) -> None:
    yard.add("t1", orphans=2)
    yard.add("t2")
    await yard.trunks.start()
    assert [e for e in yard.events if isinstance(e, OrphansCleared)] == [OrphansCleared("t1", 2)]


class NamelessTrunk(FakeTrunk):
    """Its name is not found the first time."""

    tries = 0

    async def start(self) -> None:
        self.tries += 1
        if self.tries == 1:
            raise OSError("name not found")
        await super().start()


async def test_a_trunk_that_cannot_start_is_tried_again_and_holds_up_no_other(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trunks_module, "RETRY_S", 0.01)
    yard.add("t1", trunk=NamelessTrunk("t1"))
    yard.add("t2")
    await yard.trunks.start()
    assert yard.events == [
        TrunkChanged("t1", False, "name not found"),
        TrunkChanged("t2", True, "up"),
    ]
    await await_until(lambda: yard.events[-1] == TrunkChanged("t1", True, "up"))


class SilentNames(FakeTrunk):
    """Its name servers answer nobody."""

    async def start(self) -> None:
        await asyncio.Event().wait()


async def test_a_gateway_does_not_wait_for_a_name_server_that_is_silent(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trunks_module, "START_S", 0.01)
    yard.add("t1", trunk=SilentNames("t1"))
    yard.add("t2")
    await yard.trunks.start()
    assert yard.events == [TrunkChanged("t2", True, "up")]
    assert yard.trunks.states()[0].up is False


async def test_why_a_trunk_cannot_start_is_logged_once(
    yard: Yard, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(trunks_module, "RETRY_S", 0.001)

    class Nowhere(NamelessTrunk):
        async def start(self) -> None:
            self.tries += 1
            raise OSError("name not found: sip.example")

    trunk = Nowhere("t1")
    yard.add("t1", trunk=trunk)
    await yard.trunks.start()
    await await_until(lambda: trunk.tries >= 3)
    told = [each for each in caplog.records if each.message == "a trunk cannot start"]
    assert [vars(each)["reason"] for each in told] == ["name not found: sip.example"]


async def test_shares_limit_the_trunks_and_an_unnamed_one_may_not_be_used(yard: Yard) -> None:
    first, second = yard.add("t1"), yard.add("t2")
    yard.trunks.set_shares([TrunkShare("t1", 4, 2.5), TrunkShare("elsewhere", 9, 9.0)])
    assert (first.limits, second.limits) == ((4, 2.5), (0, 0.0))
    assert yard.trunks.full_shares == (TrunkShare("t1", 10, 5.0), TrunkShare("t2", 10, 5.0))


async def test_liveness_shows_the_lines_in_use_and_what_sip_holds(yard: Yard) -> None:
    yard.add("t1")
    await yard.trunks.start()
    liveness = TrunkLiveness("t1", up=True, lines_in_use=0, transactions=3)
    assert yard.trunks.liveness() == (liveness,)


async def test_stopping_stops_every_trunk(yard: Yard) -> None:
    yard.add("t1")
    yard.add("t2")
    await yard.trunks.stop(within_s=0.1)
    assert [trunk.stopped for trunk in yard.made] == [True, True]
