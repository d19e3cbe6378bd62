"""Events keep their numbers and their place until the desk has stored them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from softphone.clock import BusinessClock
from softphone.link.outbox import Outbox
from softphone.protocol import CallAnswered, SeatUp
from tests.waiting import PATIENCE_S


def make_outbox() -> Outbox:
    clock = BusinessClock(lambda: datetime(2026, 4, 1, 1, 0, tzinfo=UTC))
    return Outbox(gateway_id="gw1", boot_id="boot", clock=clock)


def numbers(outbox: Outbox, limit: int = 64) -> list[int]:
    return [envelope.seq for envelope in outbox.batch(limit)]


def test_events_are_numbered_from_one_without_a_gap() -> None:
    outbox = make_outbox()
    for n in range(3):
        outbox.put(SeatUp(str(n)))
    assert numbers(outbox) == [1, 2, 3]
    assert (outbox.first_seq, outbox.next_seq) == (1, 4)


def test_an_unacknowledged_event_is_given_out_again() -> None:
    outbox = make_outbox()
    outbox.put(CallAnswered("c1"))
    assert outbox.batch() == outbox.batch()
    assert outbox.batch()[0].event == CallAnswered("c1")


def test_acknowledging_forgets_that_event_and_all_before_it() -> None:
    outbox = make_outbox()
    for n in range(4):
        outbox.put(SeatUp(str(n)))
    outbox.acknowledge(3)
    outbox.acknowledge(2)
    assert numbers(outbox) == [4]
    assert outbox.first_seq == 4


def test_a_batch_holds_the_oldest_events_up_to_its_limit() -> None:
    outbox = make_outbox()
    for n in range(5):
        outbox.put(SeatUp(str(n)))
    assert numbers(outbox, 2) == [1, 2]


def test_a_number_never_given_cannot_be_acknowledged() -> None:
    outbox = make_outbox()
    outbox.put(SeatUp("s"))
    with pytest.raises(ValueError, match="never sent"):
        outbox.acknowledge(2)
    assert numbers(outbox) == [1]


async def test_waiting_ends_when_an_event_comes_and_not_before() -> None:
    outbox = make_outbox()
    waiting = asyncio.create_task(outbox.wait())
    await asyncio.sleep(0)
    assert not waiting.done()
    outbox.put(SeatUp("s"))
    await asyncio.wait_for(waiting, PATIENCE_S)
    outbox.acknowledge(1)
    waiting = asyncio.create_task(outbox.wait())
    await asyncio.sleep(0)
    assert not waiting.done()
    waiting.cancel()


def test_events_carry_business_time() -> None:
    clock = BusinessClock(lambda: datetime(2026, 4, 1, 1, 0, tzinfo=UTC))
    clock.offset_s = 3600.0
    outbox = Outbox(gateway_id="gw1", boot_id="boot", clock=clock)
    outbox.put(SeatUp("s"))
    assert outbox.batch()[0].at == datetime(2026, 4, 1, 2, 0, tzinfo=UTC)
