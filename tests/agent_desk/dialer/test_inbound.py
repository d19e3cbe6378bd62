"""Calls that come in: who gets them, what a caller hears meanwhile, and what is owed after."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from agent_desk.dialer import commands, effects, gateway_facts
from agent_desk.dialer.errors import ErrorId, Refused
from agent_desk.dialer.events import CallbackDue, CallCameIn, CallFinished
from agent_desk.dialer.floor import Call, CallState, SeatState
from agent_desk.dialer.ids import CallId, CustomerId, GatewayId, ListEntryId, PhoneId
from agent_desk.dialer.inbound import TAKEN_BACK, TWICE, WAIT_S
from tests.agent_desk.dialer.floors import CAMPAIGN, GATEWAY, TRUNK, A, B, World, ended

CALLER = CallId("call-9")


def arrival(world: World, **known: Any) -> gateway_facts.CallArrived:
    """Customer 9, of list entry 9, calls."""
    plain = gateway_facts.CallArrived(
        call_id=CALLER,
        gateway_id=GATEWAY,
        trunk_id=TRUNK,
        at=world.now,
        campaign_id=CAMPAIGN,
        list_entry_id=ListEntryId(9),
        customer_id=CustomerId(9),
        phone_id=PhoneId(9),
        number="+819012345678",
        number_key="key-9",
        desk_epoch=1,
        out_of_hours=False,
        known_to=None,
        call_back=True,
    )
    return replace(plain, **known)


STRANGER = {"list_entry_id": None, "customer_id": None, "phone_id": None, "call_back": False}


def caller(world: World) -> Call:
    return world.floor.calls[CALLER]


def answered(world: World) -> None:
    world.run(gateway_facts.CallAnswered(CALLER, world.now))


def prompted(world: World, prompt: str) -> None:
    world.run(gateway_facts.CallTreated(CALLER, world.now, prompt))


def bridged(world: World) -> None:
    answered(world)
    world.run(gateway_facts.CallBridged(CALLER, A, world.now))


def gone(world: World, **facts: Any) -> CallFinished:
    """The gateway's final word."""
    world.run(ended(9, world.now, verdict="not_screened", **facts))
    return world.happened(CallFinished)[-1]


# --- who gets it ------------------------------------------------------------------------------


def test_a_caller_takes_the_seat_that_was_idle_longest_while_it_rings() -> None:
    world = World()
    world.ready(B, A)
    world.run(arrival(world))
    assert caller(world).state is CallState.RINGING
    assert world.done(effects.Bridge)[0].seat_id == B
    assert world.done(effects.ShowCallerRecord) == [effects.ShowCallerRecord(B, CALLER)]
    assert not world.done(effects.AnswerCall)


def test_the_operator_who_knows_the_caller_goes_before_the_longest_idle() -> None:
    world = World()
    world.ready(B, A)
    world.run(arrival(world, known_to=A))
    assert world.done(effects.Bridge)[0].seat_id == A


def test_the_operator_who_knows_the_caller_is_passed_over_when_not_proven_ready() -> None:
    world = World()
    world.ready(B, A)
    world.run(commands.ObservePulses((commands.PulseOfSeat(A, world.now, True, False),)))
    world.run(arrival(world, known_to=A))
    assert world.done(effects.Bridge)[0].seat_id == B


def test_a_call_that_rings_at_two_gateways_is_one_call() -> None:
    world = World()
    world.ready(A, B)
    world.run(arrival(world))
    world.effects.clear()
    fork, other = CallId("fork"), GatewayId("gateway-2")
    world.run(arrival(world, call_id=fork, gateway_id=other))
    assert world.effects == [effects.HangUp(fork, other, TWICE)]
    assert fork not in world.floor.calls
    assert len(world.happened(CallCameIn)) == 1
    bridged(world)
    gone(world)
    world.run(arrival(world, call_id=fork, gateway_id=other))
    assert fork in world.floor.calls, "calling again is another call"


def test_who_was_cut_off_with_a_gateway_may_call_again_at_once() -> None:
    world = World()
    world.ready()
    world.run(arrival(world))
    world.run(gateway_facts.GatewayLost(GATEWAY))
    again = CallId("again")
    world.run(arrival(world, call_id=again, gateway_id=GatewayId("gateway-2")))
    assert again in world.floor.calls


def test_the_bridge_answers_and_the_seat_talks() -> None:
    world = World()
    world.ready()
    world.run(arrival(world))
    bridged(world)
    assert world.state() is SeatState.TALKING
    assert caller(world).state is CallState.BRIDGED
    finished = gone(world)
    assert (finished.outcome, finished.counts, finished.live_answer) == ("human", False, False)
    assert finished.inbound
    assert world.state() is SeatState.WRAP_UP


def test_a_caller_nobody_is_free_for_waits_once_and_takes_the_first_free_seat() -> None:
    world = World()
    world.run(arrival(world))
    world.run(commands.Tick())
    assert world.done(effects.AnswerCall) == [effects.AnswerCall(CALLER, GATEWAY, WAIT_S)]
    answered(world)
    prompted(world, "please_wait")
    assert caller(world).state is CallState.WAITING
    world.ready()
    assert [bridge.call_id for bridge in world.done(effects.Bridge)] == [CALLER]


def test_whom_we_called_goes_before_who_called_us() -> None:
    world = World()
    world.run(arrival(world))
    answered(world)
    world.lease(1)
    world.offer(1)
    world.ready()
    assert [bridge.call_id for bridge in world.done(effects.Bridge)] == ["call-1"]


def test_a_seat_whose_audio_is_gone_passes_the_caller_on() -> None:
    world = World()
    world.ready(A, B)
    world.run(arrival(world))
    world.run(gateway_facts.BridgeRefused(CALLER, A, world.now, "seat_not_connected"))
    assert [bridge.seat_id for bridge in world.done(effects.Bridge)] == [A, B]
    assert world.state(A) is SeatState.AVAILABLE


# --- who gets nobody --------------------------------------------------------------------------


def test_out_of_hours_a_caller_is_told_so_and_owed_nothing() -> None:
    world = World()
    world.ready()
    world.run(arrival(world, out_of_hours=True))
    prompt = effects.EndWithPrompt(CALLER, GATEWAY, "closed", "out-of-hours")
    assert world.done(effects.EndWithPrompt) == [prompt]
    assert world.state() is SeatState.AVAILABLE
    answered(world)
    prompted(world, "closed")
    finished = gone(world, by="desk")
    assert (finished.outcome, finished.abandoned) == ("out_of_hours", False)
    assert not world.happened(CallbackDue)


def told_all_busy(world: World) -> None:
    answered(world)
    prompted(world, "please_wait")
    world.wait(WAIT_S)
    prompted(world, "all_busy")


def test_a_caller_told_that_all_are_busy_is_called_back_and_the_leads_hear() -> None:
    world = World()
    world.run(arrival(world))
    told_all_busy(world)
    world.ready()
    assert not world.done(effects.Bridge), "the recording ends the call"
    finished = gone(world, by="gateway", abandoned=True)
    assert (finished.outcome, finished.abandoned, finished.counts) == ("missed", False, False)
    [due] = world.happened(CallbackDue)
    assert (due.cause, due.list_entry_id) == ("missed", 9)
    lines = [told.message_id for told in world.done(effects.TellLeads)]
    assert lines == ["caller-missed"]


@pytest.mark.parametrize("known", [{"call_back": False}, STRANGER])
def test_nobody_is_called_back_who_asked_not_to_be_or_whom_nobody_knows(known: Any) -> None:
    world = World()
    world.run(arrival(world, **known))
    told_all_busy(world)
    gone(world, by="gateway", abandoned=True)
    assert not world.happened(CallbackDue)
    assert world.done(effects.TellLeads)


def test_a_caller_who_hangs_up_while_waiting_is_called_back() -> None:
    world = World()
    world.run(arrival(world))
    answered(world)
    assert gone(world).outcome == "gave_up"
    assert [due.cause for due in world.happened(CallbackDue)] == ["gave_up"]


def test_a_caller_who_hangs_up_while_it_rings_is_owed_nothing_and_frees_the_seat() -> None:
    world = World()
    world.ready()
    world.run(arrival(world))
    assert world.state() is SeatState.RESERVED
    assert gone(world, answered=False, sip_code=487).outcome == "gave_up"
    assert world.state() is SeatState.AVAILABLE
    assert not world.happened(CallbackDue)
    assert not world.done(effects.TellLeads)


# --- one live attempt per customer --------------------------------------------------------------


def test_our_own_attempt_that_still_rings_there_is_taken_back() -> None:
    world = World()
    world.lease(1, 2, 3)
    world.ring(2)
    world.run(arrival(world, customer_id=CustomerId(2), number_key="key-3"))
    hung_up = {(each.call_id, each.cause) for each in world.done(effects.HangUp)}
    assert hung_up == {("call-2", TAKEN_BACK), ("call-3", TAKEN_BACK)}
    finished = world.end(2, by="desk", answered=False, sip_code=487)
    assert [event.outcome for event in finished.events if isinstance(event, CallFinished)] == [
        "cancelled"
    ]


def test_an_attempt_leased_in_the_same_instant_does_not_leave() -> None:
    world = World()
    world.run(arrival(world, customer_id=CustomerId(1)))
    placed = len(world.done(effects.PlaceCall))
    world.lease(1)
    assert len(world.done(effects.PlaceCall)) == placed
    [finished] = world.happened(CallFinished)
    assert (finished.call_id, finished.outcome, finished.counts) == ("call-1", "not_placed", False)


def test_a_block_does_not_end_the_call_of_somebody_who_calls_us() -> None:
    world = World()
    world.ready()
    world.run(arrival(world))
    world.run(commands.BlockCustomer(("key-9",), "do-not-call"))
    assert not world.done(effects.HangUp)
    assert caller(world).ending_at is None


# --- what the operator records --------------------------------------------------------------------


def test_a_stranger_can_be_marked_and_noted_and_promises_nothing() -> None:
    world = World(identity_needed=False)
    world.ready()
    world.run(arrival(world, **STRANGER))
    bridged(world)
    world.run(commands.MarkStatus(A, CALLER, "contact", on=True))
    with pytest.raises(Refused) as refused:
        world.run(commands.SetPromise(A, CALLER, world.now.date(), 1000))
    assert refused.value.error_id is ErrorId.CALLER_UNKNOWN
    gone(world)
    world.run(commands.SaveResult(A, CALLER, "note"))
    assert world.state() is SeatState.AVAILABLE


def test_two_callers_who_withhold_their_numbers_are_two_people() -> None:
    world = World()
    hidden = {**STRANGER, "number": "", "number_key": ""}
    world.run(arrival(world, **hidden))
    world.run(arrival(world, call_id=CallId("call-8"), **hidden))
    assert len(world.happened(CallCameIn)) == 2
    assert not world.done(effects.HangUp)


def test_the_number_is_in_no_text_of_the_facts() -> None:
    world = World()
    decided = world.run(arrival(world))
    assert "12345678" not in repr(arrival(world))
    assert "12345678" not in repr(decided)


# --- when things break ----------------------------------------------------------------------------


def test_news_told_twice_is_one_call() -> None:
    world = World()
    world.run(arrival(world))
    world.run(arrival(world))
    assert len(world.happened(CallCameIn)) == 1


def test_a_gateway_that_tells_of_the_past_gets_no_orders_and_the_caller_is_owed_a_call() -> None:
    """The desk was away; the gateway told the caller itself."""
    world = World()
    world.run(gateway_facts.GatewayLost(GATEWAY))
    world.run(gateway_facts.GatewayWelcomed(GATEWAY, "boot-1", ((TRUNK, 10, 10.0),)))
    world.effects.clear()
    world.run(arrival(world))
    answered(world)
    prompted(world, "all_busy")
    assert gone(world, by="gateway", abandoned=True).outcome == "missed"
    assert [type(each) for each in world.effects] == [effects.TellLeads]
    assert world.happened(CallbackDue)


def test_an_order_lost_with_the_link_is_given_again() -> None:
    world = World()
    world.run(arrival(world))
    assert len(world.done(effects.AnswerCall)) == 1
    world.run(gateway_facts.GatewayLost(GATEWAY))
    live = gateway_facts.LiveCall(CALLER, "ringing", None)
    world.run(gateway_facts.GatewaySnapshot(GATEWAY, "boot-1", (live,), (), (TRUNK,)))
    assert len(world.done(effects.AnswerCall)) == 2


def test_a_restarted_gateway_ends_its_callers() -> None:
    world = World()
    world.run(arrival(world))
    answered(world)
    world.run(gateway_facts.GatewayWelcomed(GATEWAY, "boot-2", ((TRUNK, 10, 10.0),)))
    [finished] = world.happened(CallFinished)
    assert (finished.outcome, finished.counts) == ("system_failure", False)
    assert [due.cause for due in world.happened(CallbackDue)] == ["system_failure"]


@pytest.mark.parametrize(
    ("until", "answers", "outcome"),
    [
        pytest.param(11.0, False, "system_failure", id="never answered"),
        pytest.param(WAIT_S + 6.0, True, "missed", id="waits"),
    ],
)
def test_a_silent_gateway_does_not_keep_a_caller_for_ever(
    until: float, answers: bool, outcome: str
) -> None:
    world = World()
    world.run(arrival(world))
    if answers:
        answered(world)
    world.wait(until)
    world.run(commands.Tick())
    assert [each.prompt for each in world.done(effects.EndWithPrompt)] == ["all_busy"]
    world.wait(21)
    world.run(commands.Tick())
    [finished] = world.happened(CallFinished)
    assert finished.outcome == outcome
    assert not world.floor.calls
