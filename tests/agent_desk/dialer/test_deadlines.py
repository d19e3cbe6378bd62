"""Every state that could last for ever has an end."""

from __future__ import annotations

import pytest

from agent_desk.dialer import commands, effects, gateway_facts
from agent_desk.dialer.events import CallFinished
from agent_desk.dialer.floor import SeatState
from agent_desk.dialer.ids import CallId
from tests.agent_desk.dialer.floors import CAMPAIGN, GATEWAY, A, B, World, screened

CALL = CallId("call-1")


def tick(world: World, seconds: float) -> None:
    """Time passes without anybody being heard."""
    world.wait(seconds)
    world.run(commands.Tick())


def test_a_page_not_heard_for_30_seconds_is_away_lagged() -> None:
    world = World()
    world.ready()
    tick(world, 29)
    assert world.state() is SeatState.AVAILABLE
    tick(world, 2)
    assert (world.state(), world.seat().reason) == (SeatState.AWAY, "lagged")
    assert effects.TellLeads("seat-lagged", A, 1) in world.effects
    world.hear()
    tick(world, 1)
    assert world.state() is SeatState.AWAY, "coming back takes one press"
    world.run(commands.GoAvailable(A))
    assert world.state() is SeatState.AVAILABLE


def test_a_page_that_never_came_back_from_its_reload_is_lagged_too() -> None:
    world = World()
    world.open()
    tick(world, 31)
    assert (world.state(), world.seat().reason) == (SeatState.AWAY, "lagged")


@pytest.mark.parametrize("state", ["talking", "wrap_up", "away"])
def test_a_lost_page_does_not_move_a_seat_on_a_call_or_away(state: str) -> None:
    world = World(wrap_up_s=600.0)
    world.ready()
    if state == "away":
        world.run(commands.GoAway(A, "meal"))
    else:
        world.bridge()
        if state == "wrap_up":
            world.end()
    tick(world, 40)
    assert world.state() == state
    assert world.seat().reason == ("meal" if state == "away" else None)


def test_a_customer_nobody_takes_hears_the_recording_in_time() -> None:
    world = World()
    world.lease(1)
    world.offer(1)
    tick(world, 2.0)
    assert not world.done(effects.EndWithPrompt)
    tick(world, 0.1)
    assert world.done(effects.EndWithPrompt) == [
        effects.EndWithPrompt(CALL, GATEWAY, "safe_harbour", "no-seat")
    ]
    tick(world, 1)
    assert len(world.done(effects.EndWithPrompt)) == 1
    world.end(by="desk", abandoned=True)
    assert world.happened(CallFinished)[0].outcome == "abandoned"


def test_a_bridge_that_does_not_come_true_gives_the_seat_back() -> None:
    world = World()
    world.ready(A, B)
    world.lease(1)
    world.offer(1)
    assert world.state(A) is SeatState.RESERVED
    tick(world, 2.9)
    assert world.state(A) is SeatState.RESERVED
    tick(world, 0.2)
    assert world.state(A) is SeatState.AVAILABLE
    assert world.done(effects.EndWithPrompt)[0].cause == "bridge-timeout"
    world.hear()
    tick(world, 0.1)
    assert len(world.done(effects.Bridge)) == 1


def test_a_hang_up_nobody_confirms_ends_the_call_after_three_seconds() -> None:
    world = World()
    world.ready()
    world.bridge()
    world.run(commands.HangUp(A))
    tick(world, 2.9)
    assert world.state() is SeatState.TALKING
    tick(world, 0.2)
    assert world.state() is SeatState.WRAP_UP
    assert len(world.done(effects.HangUp)) == 2
    finished = world.happened(CallFinished)[0]
    assert (finished.outcome, finished.by) == ("human", "desk")


def test_a_recording_is_let_finish_before_the_end_is_forced() -> None:
    world = World()
    world.lease(1)
    world.offer(1)
    tick(world, 2.1)
    tick(world, 19.9)
    assert world.has_call()
    tick(world, 0.2)
    finished = world.happened(CallFinished)[0]
    assert (finished.outcome, finished.abandoned) == ("abandoned", True)


def test_an_order_the_gateway_never_mentions_is_taken_back_and_counted() -> None:
    world = World()
    world.lease(1)
    tick(world, 10.1)
    assert world.done(effects.HangUp)[0].cause == "order-overdue"
    tick(world, 3.1)
    finished = world.happened(CallFinished)[0]
    assert (finished.outcome, finished.counts) == ("system_failure", True)


def test_a_gateway_that_answers_in_time_to_an_overdue_order_releases_it() -> None:
    world = World()
    world.lease(1)
    tick(world, 10.1)
    world.run(gateway_facts.CallNotPlaced(CALL, world.now, "cancelled"))
    assert world.happened(CallFinished)[0].counts is False


def test_a_call_that_rings_far_beyond_its_limit_is_hung_up() -> None:
    world = World()
    world.lease(1)
    world.ring(1)
    tick(world, 54.9)
    assert not world.done(effects.HangUp)
    tick(world, 0.2)
    assert world.done(effects.HangUp)[0].cause == "ring-overdue"


def test_an_answer_without_a_verdict_is_not_left_in_silence() -> None:
    world = World()
    world.lease(1)
    world.answer(1)
    tick(world, 30.1)
    assert world.done(effects.EndWithPrompt)[0].cause == "screening-overdue"


def test_unanswered_calls_of_a_gateway_out_of_reach_end_and_talks_go_on() -> None:
    world = World()
    world.ready()
    world.bridge(1)
    world.lease(2)
    world.ring(2)
    world.run(gateway_facts.GatewayLost(GATEWAY))
    tick(world, 149)
    assert world.has_call(2)
    world.hear()
    tick(world, 2)
    assert not world.has_call(2)
    finished = world.happened(CallFinished)[0]
    assert (finished.outcome, finished.counts) == ("system_failure", True)
    assert world.state() is SeatState.TALKING


def test_a_hang_up_whose_gateway_is_lost_ends_the_call_all_the_same() -> None:
    world = World()
    world.ready()
    world.bridge()
    world.run(commands.HangUp(A))
    world.wait(1)
    world.run(gateway_facts.GatewayLost(GATEWAY))
    tick(world, 1.9)
    assert world.state() is SeatState.TALKING
    tick(world, 0.2)
    assert world.state() is SeatState.WRAP_UP
    finished = world.happened(CallFinished)[0]
    assert (finished.outcome, finished.by) == ("human", "desk")
    assert len(world.done(effects.HangUp)) == 1, "nobody would hear the second"


@pytest.mark.parametrize("gone", ["page", "leg"])
def test_a_talk_nobody_can_be_in_ends_with_its_gateway(gone: str) -> None:
    world = World()
    world.ready()
    world.bridge()
    if gone == "leg":
        world.run(gateway_facts.SeatMediaDown(A, world.now, "closed"))
    world.run(gateway_facts.GatewayLost(GATEWAY))
    for _ in range(5):
        tick(world, 30)
        if gone == "leg":
            world.run(commands.ObservePulses((commands.PulseOfSeat(A, world.now, True, True),)))
    assert world.state() is SeatState.TALKING
    tick(world, 1)
    assert world.state() is SeatState.WRAP_UP
    finished = world.happened(CallFinished)[0]
    assert (finished.outcome, finished.cause) == ("system_failure", "gateway-lost")


def test_no_orders_go_to_a_gateway_out_of_reach() -> None:
    world = World()
    world.lease(1)
    world.offer(1)
    world.run(gateway_facts.GatewayLost(GATEWAY))
    tick(world, 5)
    assert not world.done(effects.EndWithPrompt)


def test_a_tick_with_nothing_due_changes_nothing() -> None:
    world = World()
    world.ready()
    world.bridge()
    before = world.floor
    world.run(commands.Tick())
    assert world.floor is before


def test_a_verdict_that_only_repeats_itself_changes_nothing() -> None:
    world = World()
    world.lease(1)
    world.answer(1)
    world.run(screened(1, world.now, verdict="machine", offered=False))
    before = world.floor
    world.run(screened(1, world.now, verdict="machine", offered=False))
    assert world.floor is before


def previewing() -> World:
    """A customer is on the first seat's screen."""
    world = World(mode="preview")
    world.ready()
    world.run(commands.NextCustomer(A))
    world.run(commands.StartCalls(CAMPAIGN, 1, "", A))
    world.lease(1, seat_id=A)
    assert world.state() is SeatState.RESERVED
    return world


@pytest.mark.parametrize("linked", [True, False])
def test_a_customer_shown_on_a_page_that_is_gone_is_shown_no_longer(linked: bool) -> None:
    world = previewing()
    if not linked:
        world.run(gateway_facts.GatewayLost(GATEWAY))
    tick(world, 29)
    assert world.state() is SeatState.RESERVED
    tick(world, 2)
    [finished] = [event for event in world.events if isinstance(event, CallFinished)]
    assert (finished.outcome, finished.cause, finished.counts) == ("not_placed", "page-lost", False)
    assert (world.state(), world.seat().reason) == (SeatState.AWAY, "lagged")
    assert not world.floor.calls


def test_a_customer_nobody_decides_about_is_passed_over_after_ten_minutes() -> None:
    world = previewing()
    for _ in range(24):
        tick(world, 25)
        assert world.state() is SeatState.RESERVED
        world.hear()
    tick(world, 1)
    [finished] = [event for event in world.events if isinstance(event, CallFinished)]
    assert (finished.cause, finished.counts) == ("preview-overdue", False)
    assert effects.TellSeat("preview-overdue", A) in world.effects
    assert world.state() is SeatState.AVAILABLE


def test_a_seat_that_asked_to_go_away_goes_when_its_preview_ends() -> None:
    world = previewing()
    world.run(commands.GoAway(A, "meal"))
    tick(world, 31)
    assert (world.state(), world.seat().reason) == (SeatState.AWAY, "meal")
