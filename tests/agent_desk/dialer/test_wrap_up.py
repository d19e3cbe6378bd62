"""After-call work ends by the result or by the deadline."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent_desk.dialer import commands, effects
from agent_desk.dialer.errors import ErrorId, Refused
from agent_desk.dialer.events import ResultRecorded, SeatMoved, WrapUpExtended
from agent_desk.dialer.floor import SeatState
from agent_desk.dialer.ids import CallId
from tests.agent_desk.dialer.floors import A, World, instant

CALL = CallId("call-1")


def in_wrap_up(**settings: str | float) -> World:
    world = World(**settings)
    world.ready()
    world.bridge()
    world.end()
    return world


def test_saving_the_result_frees_the_seat() -> None:
    world = in_wrap_up()
    world.run(commands.SaveResult(A, CALL, "promised to call"))
    result = world.happened(ResultRecorded)[0]
    assert (result.note, result.recorded, result.codes) == ("promised to call", True, ())
    assert world.state() is SeatState.AVAILABLE
    assert not world.floor.calls


def test_a_seat_that_saves_takes_the_waiting_call_in_the_same_decision() -> None:
    world = in_wrap_up()
    world.lease(2)
    world.offer(2)
    world.hear()
    assert world.state() is SeatState.WRAP_UP
    decided = world.run(commands.SaveResult(A, CALL, ""))
    assert world.state() is SeatState.RESERVED
    assert effects.ShowCallerRecord(A, CallId("call-2")) in decided.effects


def test_a_seat_that_saves_unheard_is_available_and_no_capacity() -> None:
    world = in_wrap_up()
    world.wait(10)
    world.run(commands.SaveResult(A, CALL, ""))
    assert world.state() is SeatState.AVAILABLE
    assert not world.seat().proven_ready(world.now)


def test_the_result_of_another_call_is_refused() -> None:
    world = in_wrap_up()
    with pytest.raises(Refused) as refused:
        world.run(commands.SaveResult(A, CallId("call-7"), ""))
    assert refused.value.error_id is ErrorId.NOT_YOUR_CALL


def test_the_deadline_records_the_result_as_it_stands_and_tells_the_lead() -> None:
    world = in_wrap_up(after_wrap_up="available")
    world.run(commands.MarkStatus(A, CALL, "contact", True))
    deadline = world.seat().deadline
    world.pass_time(59)
    assert world.state() is SeatState.WRAP_UP
    world.pass_time(2)
    result = world.happened(ResultRecorded)[0]
    assert (result.recorded, result.note, result.codes) == (False, None, ("contact",))
    assert world.state() is SeatState.AVAILABLE
    assert world.happened(SeatMoved)[-1].at == deadline
    assert world.done(effects.TellLeads) == [effects.TellLeads("result-unrecorded", A, 1)]


def test_after_the_deadline_the_campaign_may_send_the_seat_away() -> None:
    world = in_wrap_up(after_wrap_up="away")
    world.pass_time(61)
    assert (world.state(), world.seat().reason) == (SeatState.AWAY, "wrap_up_expired")


def test_a_queued_away_wins_at_the_deadline() -> None:
    world = in_wrap_up(after_wrap_up="available")
    world.run(commands.GoAway(A, "meal"))
    world.pass_time(61)
    assert (world.state(), world.seat().reason) == (SeatState.AWAY, "meal")


def test_wrap_up_is_extended_as_often_as_the_campaign_allows() -> None:
    world = in_wrap_up()
    begun = world.seconds
    world.run(commands.ExtendWrapUp(A))
    assert world.seat().deadline == instant(begun + 120)
    assert world.happened(WrapUpExtended)[0].deadline == instant(begun + 120)
    before = world.floor
    with pytest.raises(Refused) as refused:
        world.run(commands.ExtendWrapUp(A))
    assert refused.value.error_id is ErrorId.EXTENSIONS_USED_UP
    assert world.floor is before
    world.pass_time(100)
    assert world.state() is SeatState.WRAP_UP


def test_extensions_are_counted_anew_for_each_call() -> None:
    world = in_wrap_up()
    world.run(commands.ExtendWrapUp(A))
    world.run(commands.SaveResult(A, CALL, ""))
    world.hear()
    world.bridge(2)
    world.end(2)
    world.run(commands.ExtendWrapUp(A))
    assert world.seat().extensions == 1


def test_a_page_lost_during_wrap_up_keeps_its_deadline_and_is_lagged_after_it() -> None:
    world = in_wrap_up(after_wrap_up="available")
    world.wait(45)
    world.run(commands.Tick())
    assert world.state() is SeatState.WRAP_UP
    world.wait(20)
    world.run(commands.Tick())
    world.run(commands.Tick())
    assert (world.state(), world.seat().reason) == (SeatState.AWAY, "lagged")


def test_optional_work_ends_by_itself_and_what_was_pressed_is_the_result() -> None:
    world = in_wrap_up(wrap_up_policy="optional", wrap_up_s=5, after_wrap_up="available")
    world.wait(6)
    decided = world.run(commands.Tick())
    assert world.happened(ResultRecorded)[0].recorded
    assert not [each for each in decided.effects if isinstance(each, effects.TellLeads)]


def test_work_without_a_limit_has_no_deadline_and_cannot_be_put_off() -> None:
    world = in_wrap_up(wrap_up_policy="open")
    assert world.seat().deadline is None
    with pytest.raises(Refused) as refused:
        world.run(commands.ExtendWrapUp(A))
    assert refused.value.error_id is ErrorId.EXTENSIONS_USED_UP
    world.wait(600)
    world.hear()
    world.run(commands.Tick())
    assert world.state() is SeatState.WRAP_UP


def test_a_fixed_time_cannot_be_put_off() -> None:
    world = in_wrap_up(wrap_up_policy="timed")
    with pytest.raises(Refused) as refused:
        world.run(commands.ExtendWrapUp(A))
    assert refused.value.details == {"allowed": 0}


def test_a_call_keeps_the_wrap_up_it_was_leased_under() -> None:
    world = World(wrap_up_s=60)
    world.ready()
    world.bridge()
    campaign = next(iter(world.floor.campaigns.values()))
    changed = replace(campaign, wrap_up_s=20, wrap_up_policy="timed")
    world.run(commands.ConfigureCampaign(changed))
    world.end()
    seat = world.seat()
    assert seat.deadline is not None
    assert (seat.deadline - seat.since).total_seconds() == 60
    world.run(commands.ExtendWrapUp(A))
    world.run(commands.SaveResult(A, CALL, ""))
    world.hear()
    world.bridge(2)
    world.end(2)
    seat = world.seat()
    assert seat.deadline is not None
    assert (seat.deadline - seat.since).total_seconds() == 20
