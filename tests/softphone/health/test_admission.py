"""What a gateway takes on anew, and what it never refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from softphone.health.admission import COUNTED_FOR_S, Admission
from softphone.health.descriptors import RESERVE, free_descriptors
from softphone.health.liveness import LoopLag
from softphone.protocol import Mute, OpenSeat
from softphone.talk.talks import Names, Talk
from tests.fakes.legs import FakeJoint
from tests.fakes.softphone_parts import InnerGateway, place_call
from tests.fakes.timers import HandClock


@pytest.fixture
def lag() -> LoopLag:
    return LoopLag(HandClock().now)


def test_a_gateway_in_good_health_takes_everything(lag: LoopLag) -> None:
    assert Admission(lag).refusal() is None


def test_the_reason_is_named(lag: LoopLag) -> None:
    admission = Admission(lag, free=lambda: RESERVE - 1)
    reasons = []
    for change in (lambda: None, lambda: setattr(lag, "overloaded", True)):
        change()
        reasons.append(admission.refusal())
    admission.draining = True
    reasons.append(admission.refusal())
    assert [reason and reason.error_id for reason in reasons] == [
        "gateway_starved",
        "gateway_overloaded",
        "gateway_draining",
    ]


def test_opened_files_are_counted(tmp_path: Path) -> None:
    before = free_descriptors()
    with open(tmp_path / "one", "w"), open(tmp_path / "two", "w"):
        assert free_descriptors() == before - 2


def test_open_files_are_counted_again_in_time(lag: LoopLag) -> None:
    clock, counts = HandClock(), []

    def free() -> int:
        counts.append(RESERVE + 60)
        return counts[-1]

    admission = Admission(lag, free=free, now=clock.now)
    for _ in range(11):
        assert admission.refusal() is None
    assert len(counts) == 1
    assert admission.refusal() is None  # what was taken since may have used the rest
    assert len(counts) == 2
    clock.pass_s(COUNTED_FOR_S)
    assert admission.refusal() is None
    assert len(counts) == 3


async def test_new_calls_and_seats_are_refused_and_a_reload_is_not(tmp_path: Path) -> None:
    inner = InnerGateway(tmp_path)
    await inner.send(OpenSeat("s1", "offer"))
    await inner.legs[0].connect()
    inner.admission.draining = True
    for command in (place_call(), OpenSeat("s2", "offer")):
        reply = await inner.send(command)
        assert reply.refusal is not None and reply.refusal.error_id == "gateway_draining"
    assert (await inner.send(OpenSeat("s1", "a reload"))).refusal is None
    await inner.stop()


async def test_a_talk_goes_on_in_a_gateway_that_takes_nothing_new(tmp_path: Path) -> None:
    inner = InnerGateway(tmp_path)
    await inner.send(OpenSeat("s1", "offer"))
    await inner.legs[0].connect()
    seat = inner.seats.find("s1")
    assert seat is not None
    joint = FakeJoint(inner.legs[0])
    seat.take(
        Talk(
            Names("c1", "s1"),
            joint,
            report=inner.outbox.put,
            timers=inner.timers,
            now=inner.timers.now,
            answered_at=0.0,
            on_lost=lambda: None,
        )
    )
    inner.free_descriptors = 0
    inner.loop_lag.overloaded = True
    inner.admission.draining = True
    assert (await inner.send(Mute("s1", True))).refusal is None
    assert joint.done == ["mute True"]
    assert inner.gateway.liveness().overloaded and inner.gateway.liveness().draining
    await inner.stop()
