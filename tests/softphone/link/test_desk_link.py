"""The link: events arrive once, in order, whatever happens to the connection."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from softphone.link import desk_link as link_module
from softphone.link.desk_link import DeskLink
from softphone.protocol import Refusal, SeatUp, SendSnapshot, StopCampaign, TrunkShare
from tests.fakes.desk_server import FakeDesk, stored_events
from tests.fakes.softphone_parts import InnerGateway, place_call
from tests.waiting import PATIENCE_S, await_until


class Pair:
    """A desk and a gateway joined by a real Socket.IO connection."""

    def __init__(self, tmp_path: Path) -> None:
        self.desk = FakeDesk()
        self.fake = InnerGateway(tmp_path)
        self.link: DeskLink | None = None
        self.task: asyncio.Task[None] | None = None

    async def connect(self, *, secret: str | None = None) -> None:
        self.link = DeskLink(
            self.fake.gateway,
            url=self.desk.url,
            secret=secret or self.desk.secret,
            rng=random.Random(1),
        )
        self.task = asyncio.create_task(self.link.run())

    async def linked(self) -> None:
        await self.desk.linked()
        await await_until(lambda: self.link is not None and self.link.in_step)

    def put(self, *numbers: int) -> None:
        for number in numbers:
            self.fake.outbox.put(SeatUp(str(number)))

    def arrived(self) -> list[int]:
        events = stored_events(self.desk, "boot")
        return [int(event.seat_id) for event in events if isinstance(event, SeatUp)]

    async def close(self) -> None:
        if self.task is not None:
            self.task.cancel()
            await asyncio.wait([self.task])
        await self.desk.stop()
        await self.fake.stop()


@pytest.fixture
async def pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Pair]:
    monkeypatch.setattr(link_module, "FIRST_PAUSE_S", 0.02)
    monkeypatch.setattr(link_module, "LONGEST_PAUSE_S", 0.1)
    monkeypatch.setattr(link_module, "NOT_STORED_PAUSE_S", 0.02)
    pair = Pair(tmp_path)
    await pair.desk.start()
    yield pair
    await pair.close()


async def test_a_gateway_introduces_itself_and_sends_a_snapshot_first(pair: Pair) -> None:
    pair.put(1)
    await pair.connect()
    await pair.linked()
    assert pair.desk.hellos[0].boot_id == "boot"
    assert pair.desk.snapshots[0].next_seq == 2
    await await_until(lambda: pair.arrived() == [1])
    await await_until(lambda: pair.fake.outbox.first_seq == 2)


async def test_events_go_on_arriving_in_order(pair: Pair) -> None:
    await pair.connect()
    await pair.linked()
    pair.put(*range(200))
    await await_until(lambda: len(pair.arrived()) == 200)
    assert pair.arrived() == list(range(200))


async def test_events_of_a_cut_connection_arrive_once_and_in_order(pair: Pair) -> None:
    await pair.connect()
    await pair.linked()
    for round_ in range(5):
        pair.put(*range(round_ * 10, round_ * 10 + 10))
        await pair.desk.cut()
        await pair.desk.linked()
    await await_until(lambda: len(pair.arrived()) == 50)
    assert pair.arrived() == list(range(50))
    assert pair.desk.gaps == []
    assert len(pair.desk.hellos) > 1


async def test_events_that_were_stored_but_not_acknowledged_are_not_doubled(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_module, "ACK_S", 0.3)
    await pair.connect()
    await pair.linked()
    pair.desk.answers_events = False
    pair.put(1, 2, 3)
    await await_until(lambda: pair.arrived() == [1, 2, 3])
    pair.desk.answers_events = True
    await await_until(lambda: pair.fake.outbox.first_seq == pair.fake.outbox.next_seq)
    assert pair.arrived() == [1, 2, 3]
    assert len(pair.desk.hellos) >= 2, "five seconds without an answer are a dead link"


async def test_a_desk_that_cannot_store_gets_the_events_again(pair: Pair) -> None:
    await pair.connect()
    await pair.linked()
    pair.desk.stores = False
    pair.put(1, 2)
    await await_until(lambda: pair.desk.batches >= 2)
    assert pair.arrived() == []
    pair.desk.stores = True
    await await_until(lambda: pair.arrived() == [1, 2])
    assert len(pair.desk.hellos) == 1


async def test_a_desk_that_has_forgotten_us_is_met_anew(pair: Pair) -> None:
    await pair.connect()
    await pair.linked()
    pair.desk.forgets = True
    pair.put(1)
    await await_until(lambda: len(pair.desk.hellos) >= 2)
    pair.desk.forgets = False
    await await_until(lambda: pair.fake.outbox.first_seq == 2)
    assert pair.arrived() == [1]


async def test_a_desk_that_was_away_finds_everything_when_it_is_back(pair: Pair) -> None:
    await pair.connect()
    await pair.linked()
    await pair.desk.stop()
    pair.put(*range(150))
    await pair.desk.start()
    await await_until(lambda: len(pair.arrived()) == 150)
    assert pair.arrived() == list(range(150))
    assert pair.desk.snapshots[-1].next_seq >= 151


async def test_commands_are_answered(pair: Pair) -> None:
    await pair.connect()
    await pair.linked()
    reply = await pair.desk.send(StopCampaign(3))
    assert reply.refusal is None
    reply = await pair.desk.send(place_call())
    assert reply.refusal is None
    await await_until(lambda: "CallNotPlaced" in pair.desk.kinds())


async def test_a_repeated_command_is_answered_the_same_after_a_reconnect(pair: Pair) -> None:
    await pair.connect()
    await pair.linked()
    first = await pair.desk.send(place_call(), command_id="same")
    await pair.desk.cut()
    await pair.desk.linked()
    await pair.linked()
    assert await pair.desk.send(place_call(), command_id="same") == first
    assert len(pair.fake.trunk.placed) == 1


async def test_a_snapshot_comes_when_the_desk_asks(pair: Pair) -> None:
    await pair.connect()
    await pair.linked()
    before = len(pair.desk.snapshots)
    await pair.desk.send(SendSnapshot())
    await await_until(lambda: len(pair.desk.snapshots) == before + 1)


async def test_liveness_comes_once_a_second(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    assert link_module.LIVENESS_S == 1.0
    monkeypatch.setattr(link_module, "LIVENESS_S", 0.02)
    await pair.connect()
    await await_until(lambda: len(pair.desk.liveness) >= 3)
    assert pair.desk.liveness[0].gateway_id == "gw1"


async def test_the_welcome_is_obeyed(pair: Pair) -> None:
    pair.desk.clock_offset_s = 60.0
    pair.desk.shares = (TrunkShare("t1", 1, 0.5),)
    await pair.connect()
    await pair.linked()
    assert pair.fake.clock.offset_s == 60.0
    assert pair.fake.trunk.limits == (1, 0.5)


async def test_a_wrong_secret_is_not_let_in_and_tried_again(
    pair: Pair, caplog: pytest.LogCaptureFixture
) -> None:
    await pair.connect(secret="another secret altogether")
    await await_until(lambda: caplog.text.count("no link to the desk") >= 2)
    assert pair.desk.hellos == []


async def test_a_refused_gateway_tries_again_until_it_is_welcome(
    pair: Pair, caplog: pytest.LogCaptureFixture
) -> None:
    pair.desk.refusal = Refusal("protocol-version", "the desk speaks version 2")
    await pair.connect()
    await await_until(lambda: "no link to the desk" in caplog.text)
    pair.desk.refusal = None
    await pair.linked()


async def test_an_older_desk_that_answers_the_door_is_left(
    pair: Pair, caplog: pytest.LogCaptureFixture
) -> None:
    pair.fake.epochs.admit(5)
    pair.desk.epoch = 4
    await pair.connect()
    await await_until(lambda: "no link to the desk" in caplog.text)
    assert pair.desk.snapshots == []
    pair.desk.epoch = 6
    await pair.linked()
    assert pair.fake.epochs.newest == 6


async def test_flushing_waits_for_the_last_events(pair: Pair) -> None:
    await pair.connect()
    await pair.linked()
    pair.put(1)
    assert pair.link is not None
    await pair.link.flush(within_s=PATIENCE_S)
    assert pair.arrived() == [1]


async def test_flushing_without_a_link_does_not_wait(pair: Pair) -> None:
    pair.put(1)
    link = DeskLink(pair.fake.gateway, url=pair.desk.url, secret="not used here at all")
    await asyncio.wait_for(link.flush(within_s=1000.0), PATIENCE_S)
