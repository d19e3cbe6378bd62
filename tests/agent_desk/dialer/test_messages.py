"""A message on a machine: the operator is free at once, and the call counts as a machine's."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from agent_desk.dialer import commands, effects, events, gateway_facts
from agent_desk.dialer.errors import ErrorId, Refused
from agent_desk.dialer.floor import SeatState
from agent_desk.dialer.ids import CallId, GatewayId
from tests.agent_desk.dialer.floors import CAMPAIGN, GATEWAY, A, World

CALL = CallId("call-1")
RECORDING = "7b" * 32


def talking(*, approved: str = RECORDING, held: tuple[str, ...] = (RECORDING,)) -> World:
    """The operator hears what answered; the gateway holds these recordings."""
    world = World()
    world.run(commands.ApproveMessage(CAMPAIGN, approved, "折り返しは…", 8_000, "lead1"))
    gateway = replace(world.floor.gateways[GATEWAY], messages=held)
    world.floor = replace(world.floor, gateways={GATEWAY: gateway})
    world.ready(A)
    world.bridge()
    world.hear()
    return world


def refusal(world: World) -> ErrorId:
    before = world.floor
    with pytest.raises(Refused) as refused:
        world.run(commands.LeaveMessage(A))
    assert world.floor is before
    return refused.value.error_id


def test_the_operator_is_freed_at_once_and_the_call_ends_as_a_machines() -> None:
    world = talking()
    world.run(commands.LeaveMessage(A))
    assert world.done(effects.LeaveMessage) == [effects.LeaveMessage(CALL, GATEWAY, RECORDING)]
    assert not world.done(effects.HangUp), "it would cut the message off"
    assert world.state(A) is SeatState.WRAP_UP
    [finished] = world.happened(events.CallFinished)
    assert (finished.outcome, finished.by, finished.cause) == ("machine", "desk", "message-left")
    assert finished.counts, "an answered call counts against the caps"
    assert not finished.live_answer and not finished.abandoned
    world.run(commands.SaveResult(A, CALL, ""))
    assert world.state(A) is SeatState.AVAILABLE
    [result] = world.happened(events.ResultRecorded)
    assert result.counterpart == "nobody", "and nobody is asked who it was"


@pytest.mark.parametrize("whole, shown", [(True, "left"), (False, "cut_off")])
def test_what_the_machine_was_told_is_kept_and_shown_to_whoever_is_still_there(
    whole: bool, shown: str
) -> None:
    world = talking()
    world.run(commands.LeaveMessage(A))
    assert world.call().message == "leaving"
    world.run(gateway_facts.MessageLeft(CALL, world.now, 7_460, whole))
    assert world.call().message == shown
    [left] = world.happened(events.MessageLeft)
    assert (left.played_ms, left.whole) == (7_460, whole)


def test_what_the_machine_was_told_is_kept_when_the_operator_is_gone() -> None:
    world = talking()
    world.run(commands.LeaveMessage(A))
    world.run(commands.SaveResult(A, CALL, ""))
    world.run(gateway_facts.MessageLeft(CALL, world.now, 7_460, whole=True))
    assert len(world.happened(events.MessageLeft)) == 1


def test_the_end_of_the_call_told_later_says_when_the_line_was_free_and_no_more() -> None:
    world = talking()
    world.run(commands.LeaveMessage(A))
    world.wait(8.0)
    world.hear()
    assert world.end().events == (events.LineFreed(CALL, world.now),)


def test_a_gateway_that_would_not_has_left_nothing_and_hangs_up() -> None:
    world = talking()
    world.run(commands.LeaveMessage(A))
    world.run(gateway_facts.MessageRefused(CALL, GATEWAY, world.now, "recording_unknown"))
    [left] = world.happened(events.MessageLeft)
    assert (left.played_ms, left.whole) == (0, False)
    assert [each.call_id for each in world.done(effects.HangUp)] == [CALL]


@pytest.mark.parametrize(
    "setting, error",
    [
        ({"approved": ""}, ErrorId.NO_MESSAGE),
        ({"held": ()}, ErrorId.NO_MESSAGE),
        ({"held": ("ab" * 32,)}, ErrorId.NO_MESSAGE),
    ],
)
def test_nothing_is_left_that_nobody_approved_or_the_gateway_lacks(
    setting: dict[str, Any], error: ErrorId
) -> None:
    assert refusal(talking(**setting)) is error


def test_nobody_leaves_a_message_on_a_person() -> None:
    world = talking()
    world.run(commands.MarkStatus(A, CALL, "contact", True))
    assert refusal(world) is ErrorId.PERSON_ON_LINE


def test_nothing_is_left_by_way_of_a_gateway_out_of_reach_or_with_somebody_else_there() -> None:
    world = talking()
    world.run(
        commands.CallNumber(
            A, "p1", "+819012345678", number_key="k", shown="", caller_id="", blind=False
        )
    )
    assert refusal(world) is ErrorId.PARTY_PRESENT
    world = talking()
    world.run(gateway_facts.GatewayLost(GatewayId(GATEWAY)))
    assert refusal(world) is ErrorId.GATEWAY_DOWN


def test_without_a_call_there_is_nothing_to_leave_it_on() -> None:
    world = World()
    world.ready(A)
    assert refusal(world) is ErrorId.NO_CALL
