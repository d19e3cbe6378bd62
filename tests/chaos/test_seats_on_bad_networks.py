"""F06, F07, F08, F12, F16, F27 with the whole product: what must come to pass, not how fast.

How fast is measured by `python -m benchmarks.faults`. The faults of single seats happen at the
same time, for they must not be felt by anybody else.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.chaos import faults
from tests.chaos.floor import Floor
from tests.chaos.instants import Hasty
from tests.chaos.network import CLEAR, Weather
from tests.chaos.trunk_failure import failing_trunk

pytestmark = [pytest.mark.processes, pytest.mark.asyncio(loop_scope="module")]

SEED = 20301126
HASTY = 30
# Copies and overtaking on the way to and from the trunk (F18), within what UDP may do any day.
ROUGH_SIP = Weather(duplicated=0.3, reordered=0.3, delay_s=0.01, jitter_s=0.01)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def floor(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Floor]:
    floor = Floor(tmp_path_factory.mktemp("chaos"), seed=SEED)
    try:
        await floor.open(operators=6, customers=400)
        yield floor
    finally:
        await floor.close()


async def test_each_seats_network_fails_in_its_own_way_and_all_come_back(floor: Floor) -> None:
    first, second, third, fourth, fifth, sixth = floor.operators.values()
    async with asyncio.TaskGroup() as together:
        together.create_task(faults.partition(floor, first, lasts_s=5.0))
        together.create_task(faults.one_way_audio(floor, second))
        together.create_task(faults.deaf_operator(floor, third))
        together.create_task(faults.lost_seat(floor, fourth))
        together.create_task(faults.lost_microphone(floor, sixth))
        bad = together.create_task(faults.bad_network(floor, fifth, lasts_s=15.0))
    assert 1.0 <= bad.result()["mos"] < 4.2
    assert "no violation" in await floor.audit()


async def test_customers_who_hang_up_at_the_bridge_leave_no_seat_talking(floor: Floor) -> None:
    floor.sip.up = floor.sip.down = ROUGH_SIP
    try:
        gone = await Hasty(floor, count=HASTY).play()
    finally:
        floor.sip.up = floor.sip.down = CLEAR
    assert len(gone) >= HASTY
    assert [each.wrong for each in gone if each.wrong] == []
    assert {each.bridged for each in gone} == {True, False}
    assert "no violation" in await floor.audit()


async def test_a_failing_trunk_is_left_alone_and_burns_no_customer(floor: Floor) -> None:
    figures = await failing_trunk(floor, code=503)
    assert figures["burnt"] == 0
    assert "no violation" in await floor.audit()
