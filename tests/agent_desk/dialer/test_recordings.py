"""Pausing a recording, and what gateways tell of recordings."""

from __future__ import annotations

import pytest

from agent_desk.dialer import commands, effects, events, gateway_facts
from agent_desk.dialer.errors import ErrorId, Refused
from agent_desk.dialer.ids import CallId, UserId
from tests.agent_desk.dialer.floors import CAMPAIGN, GATEWAY, A, World


def talking(**settings: object) -> World:
    world = World(**settings)
    world.ready()
    world.bridge()
    return world


def refused(world: World, command: commands.Command) -> ErrorId:
    before = world.floor
    with pytest.raises(Refused) as refusal:
        world.run(command)
    assert world.floor is before
    return refusal.value.error_id


def test_an_operator_pauses_the_recording_and_takes_it_up_again() -> None:
    world = talking()
    (call,) = world.floor.calls.values()
    for on in (True, False):
        decided = world.run(commands.PauseRecording(A, on))
        assert decided.effects == (effects.PauseRecording(call.call_id, GATEWAY, on),)
        assert decided.events == (events.RecordingPaused(call.call_id, UserId(1), on, world.now),)
        assert world.floor.calls[call.call_id].recording_paused is on


def test_pressing_twice_is_nothing() -> None:
    world = talking()
    world.run(commands.PauseRecording(A, True))
    decided = world.run(commands.PauseRecording(A, True))
    assert (decided.events, decided.effects) == ((), ())


def test_it_can_be_paused_on_hold_too() -> None:
    world = talking()
    world.run(commands.SetHold(A, True))
    assert world.run(commands.PauseRecording(A, True)).effects != ()


def test_without_a_call_there_is_nothing_to_pause() -> None:
    world = World()
    world.ready()
    assert refused(world, commands.PauseRecording(A, True)) is ErrorId.NO_CALL


def test_calls_of_a_campaign_that_records_nothing_cannot_be_paused() -> None:
    world = talking(recording=False)
    assert refused(world, commands.PauseRecording(A, True)) is ErrorId.NOT_RECORDED


def test_the_pause_ends_with_its_call() -> None:
    world = talking()
    world.run(commands.PauseRecording(A, True))
    world.end()
    assert [effect.on for effect in world.done(effects.PauseRecording)] == [True]


def ended_fact(call_id: str, world: World) -> gateway_facts.RecordingEnded:
    return gateway_facts.RecordingEnded(
        CallId(call_id),
        world.now,
        path="2026/05/12/x.rec",
        sha256="a" * 64,
        size_bytes=10,
        duration_ms=1000,
        paused_ms=20,
        truncated=True,
        started_at=world.now,
    )


@pytest.mark.parametrize("call_id", ["call-1", "long ago"])
def test_a_file_is_written_down_whether_or_not_its_call_is_still_there(call_id: str) -> None:
    world = talking()
    fact = ended_fact(call_id, world)
    decided = world.run(fact)
    (kept,) = decided.events
    assert kept == events.RecordingKept(
        fact.call_id,
        fact.path,
        fact.sha256,
        fact.size_bytes,
        fact.duration_ms,
        fact.paused_ms,
        fact.truncated,
        started_at=fact.started_at,
        at=fact.at,
    )
    assert decided.effects == ()


def test_leads_are_told_of_a_failure_while_the_call_lives() -> None:
    world = talking()
    (call,) = world.floor.calls.values()
    decided = world.run(gateway_facts.RecordingFailed(call.call_id, world.now, "", "disk_full"))
    assert decided.events == (events.RecordingFailed(call.call_id, "", "disk_full", world.now),)
    assert decided.effects == (effects.TellLeads("recording-failed", A, CAMPAIGN),)
    assert world.floor.calls[call.call_id] is call


def test_a_failure_of_long_ago_is_written_down_and_nobody_disturbed() -> None:
    world = talking()
    fact = gateway_facts.RecordingFailed(CallId("long ago"), world.now, "", "lost")
    decided = world.run(fact)
    assert len(decided.events) == 1
    assert decided.effects == ()
