"""A call ends once, whoever ended it, and its seat is free or in wrap-up."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from agent_desk.dialer import commands, effects, endings, gateway_facts
from agent_desk.dialer.errors import IllegalMove
from agent_desk.dialer.events import CallbackDue, CallFinished, CallPromptPlayed
from agent_desk.dialer.floor import SeatState
from agent_desk.dialer.ids import CallId
from tests.agent_desk.dialer.floors import A, B, World, ended, instant, screened

CALL = CallId("call-1")


def test_a_talk_ends_in_wrap_up_with_a_deadline_from_now() -> None:
    world = World()
    world.ready()
    world.bridge()
    world.wait(30)
    world.end()
    assert world.state() is SeatState.WRAP_UP
    assert world.seat().deadline == instant(world.seconds + 60)
    assert world.call().outcome == "human"


def test_a_status_the_operator_marked_outweighs_the_screening() -> None:
    for codes, outcome in ((frozenset(), "machine"), (frozenset({"contact"}), "human")):
        world = World()
        world.ready()
        world.bridge()
        call = replace(world.call(), codes=codes)
        ending = endings.reported(call, ended(1, world.now, verdict="machine"))
        assert ending.row.outcome == outcome


def test_what_was_heard_before_an_answer_is_written_with_the_end() -> None:
    world = World()
    world.lease(1)
    world.ring(1)
    heard = {"early_media": "information tone"}
    world.end(by="trunk", answered=False, sip_code=480, **heard)
    finished = world.happened(CallFinished)[0]
    assert (finished.outcome, finished.evidence) == ("announcement", "information tone")


def test_the_end_is_when_the_gateway_says_and_the_wrap_up_counts_from_the_desk() -> None:
    world = World()
    world.ready()
    world.bridge()
    world.wait(30)
    said = instant(world.seconds - 20)
    world.run(ended(1, said))
    assert world.happened(CallFinished)[0].at == said
    assert world.seat().since == said
    assert world.seat().deadline == instant(world.seconds + 60)


def test_a_gateway_whose_clock_is_ahead_makes_no_interval_in_the_future() -> None:
    world = World()
    world.ready()
    world.bridge()
    world.run(ended(1, instant(world.seconds + 100)))
    assert world.seat().since == world.now


def test_a_second_end_is_nothing() -> None:
    world = World()
    world.ready()
    world.bridge()
    world.end()
    before = world.floor
    assert world.end(by="trunk", seat_lost=True).events == ()
    assert world.floor is before
    assert len(world.happened(CallFinished)) == 1


def test_a_reserved_seat_is_available_again_when_the_call_ends_before_the_bridge() -> None:
    world = World()
    world.ready()
    world.lease(1)
    world.offer(1)
    world.end()
    assert world.state() is SeatState.AVAILABLE
    assert world.moves()[-2:] == ["reserved", "available"]
    assert not world.has_call()
    finished = world.happened(CallFinished)[0]
    assert (finished.outcome, finished.seat_id) == ("hung_up_at_once", None)


def test_a_reserved_seat_goes_away_when_that_was_queued() -> None:
    world = World()
    world.ready()
    world.lease(1)
    world.offer(1)
    world.run(commands.GoAway(A, "meal"))
    world.end()
    assert (world.state(), world.seat().reason) == (SeatState.AWAY, "meal")


def test_an_unanswered_call_leaves_the_floor_with_its_outcome() -> None:
    world = World()
    world.lease(1)
    world.ring(1)
    world.end(by="trunk", answered=False, sip_code=486)
    finished = world.happened(CallFinished)[0]
    assert (finished.outcome, finished.counts, finished.sip_code) == ("busy", True, 486)
    assert not world.floor.calls


def test_an_invite_that_never_left_is_released() -> None:
    world = World()
    world.lease(1)
    world.run(gateway_facts.CallNotPlaced(CALL, world.now, "campaign-stopped"))
    finished = world.happened(CallFinished)[0]
    assert (finished.outcome, finished.counts) == ("not_placed", False)
    assert finished.cause == "campaign-stopped"


def test_a_call_that_rang_cannot_be_said_never_to_have_been_placed() -> None:
    world = World()
    world.lease(1)
    world.ring(1)
    with pytest.raises(IllegalMove):
        world.run(gateway_facts.CallNotPlaced(CALL, world.now, "late"))


def test_a_lost_seat_owes_the_customer_a_callback() -> None:
    world = World()
    world.ready()
    world.bridge()
    world.end(by="gateway", seat_lost=True)
    assert world.happened(CallFinished)[0].outcome == "seat_lost"
    assert world.happened(CallbackDue)[0].cause == "seat_lost"
    assert world.state() is SeatState.WRAP_UP


def test_a_closing_prompt_frees_the_seat_that_came_too_late() -> None:
    world = World()
    world.ready()
    world.lease(1)
    world.offer(1)
    assert world.state() is SeatState.RESERVED
    world.run(gateway_facts.CallTreated(CALL, world.now, "safe_harbour"))
    assert world.state() is SeatState.AVAILABLE
    assert world.happened(CallPromptPlayed)[0].prompt == "safe_harbour"
    world.hear()
    assert len(world.done(effects.Bridge)) == 1, "no seat is offered a call that is closing"
    world.end(by="gateway", abandoned=True)
    finished = world.happened(CallFinished)[0]
    assert (finished.outcome, finished.abandoned, finished.live_answer) == ("abandoned", True, True)


def test_a_prompt_told_twice_is_one_row() -> None:
    world = World()
    world.ready()
    world.bridge()
    fact = gateway_facts.CallTreated(CALL, world.now, "hold")
    world.run(fact)
    world.run(fact)
    assert len(world.happened(CallPromptPlayed)) == 1
    assert world.state() is SeatState.TALKING


def test_a_bridge_that_comes_after_it_was_taken_back_is_nothing() -> None:
    world = World()
    world.ready()
    world.lease(1)
    world.offer(1)
    world.run(gateway_facts.CallTreated(CALL, world.now, "safe_harbour"))
    world.run(gateway_facts.CallBridged(CALL, A, world.now))
    assert world.state() is SeatState.AVAILABLE


STORY = (
    gateway_facts.CallPlaced(CALL, instant(1)),
    gateway_facts.CallRinging(CALL, instant(2)),
    gateway_facts.CallAnswered(CALL, instant(3)),
    screened(1, instant(4)),
    ended(1, instant(5), abandoned=True, by="gateway"),
)


@pytest.mark.parametrize("order", list(permutations(range(len(STORY)))))
def test_whatever_the_order_the_outcome_is_one_and_the_same(order: tuple[int, ...]) -> None:
    world = World()
    world.wait(10)
    world.lease(1)
    for index in order:
        world.run(STORY[index])
        world.run(STORY[index])
    outcomes = [(event.outcome, event.counts) for event in world.happened(CallFinished)]
    assert outcomes == [("abandoned", True)]
    assert not world.floor.calls


def test_an_unreserved_call_says_in_a_row_that_it_has_no_seat() -> None:
    world = World()
    world.ready(A, B)
    world.lease(1)
    world.offer(1)
    decided = world.run(gateway_facts.CallTreated(CALL, world.now, "safe_harbour"))
    assert [getattr(event, "seat_id", A) for event in decided.events][-1] is None
