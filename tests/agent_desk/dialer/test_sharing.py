"""Campaigns that share seats: who gets whom, and no idle seat is ever promised twice."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent_desk.dialer import commands, gateway_facts
from agent_desk.dialer.errors import ErrorId, Refused
from agent_desk.dialer.events import CallFinished, SeatMoved
from agent_desk.dialer.floor import CallState, SeatState
from agent_desk.dialer.ids import CallId, CampaignId, SeatId
from agent_desk.dialer.pacing import ProgressivePacer
from agent_desk.dialer.pacing_view import snapshot
from agent_desk.dialer.sharing import campaigns_of, on_their_way, served
from agent_desk.services.dialing.pacing import Pacing
from tests.agent_desk.dialer.floors import A, B, World, campaign, ended

ONE, TWO, THREE = CampaignId(1), CampaignId(2), CampaignId(3)
BOTH = frozenset((ONE, TWO))


def world(*, serves: frozenset[CampaignId] = BOTH, **second: object) -> World:
    """Two campaigns, and seats that serve these."""
    made = World()
    made.run(commands.ConfigureCampaign(campaign(campaign_id=TWO, **second)))
    made.serves = serves
    return made


def switch(world: World, campaign_id: CampaignId, running: str) -> None:
    world.run(commands.SetCampaignRunning(campaign_id, running))  # type: ignore[arg-type]


def joined(world: World, number: int, seat_id: SeatId) -> None:
    world.run(gateway_facts.CallBridged(CallId(f"call-{number}"), seat_id, world.now))


# --- offering -------------------------------------------------------------------------------------


def test_a_seat_is_offered_the_calls_of_every_campaign_it_serves() -> None:
    floor = world()
    floor.ready()
    floor.lease(1, campaign_id=TWO)
    floor.offer(1)
    assert floor.seat().call_id == "call-1"
    assert floor.seat().campaign_id == TWO


def test_nobody_is_offered_a_call_of_a_campaign_the_team_does_not_work_on() -> None:
    floor = world(serves=frozenset({ONE}))
    floor.ready()
    floor.lease(1, campaign_id=TWO)
    floor.offer(1)
    assert floor.call().state is CallState.WAITING
    assert floor.state() is SeatState.AVAILABLE


def test_of_waiting_calls_of_several_campaigns_the_oldest_has_the_seat_that_becomes_free() -> None:
    floor = world()
    floor.lease(1)
    floor.lease(2, campaign_id=TWO)
    floor.offer(2)
    floor.wait(0.5)
    floor.offer(1)
    floor.ready()
    assert floor.seat().call_id == "call-2"


def test_a_seat_only_one_line_can_have_is_left_to_it() -> None:
    floor = world()
    floor.ready(A)
    floor.serves = frozenset({ONE})
    floor.ready(B)
    floor.lease(1)
    floor.lease(2, campaign_id=TWO)
    floor.offer(1)
    assert floor.seat(B).call_id == "call-1", "A is idle longer, but call 2 can have no other"
    floor.offer(2)
    assert floor.seat(A).call_id == "call-2"


def test_without_another_lines_need_the_longest_idle_seat_goes_first() -> None:
    floor = world()
    floor.ready(A)
    floor.serves = frozenset({ONE})
    floor.ready(B)
    floor.lease(1)
    floor.offer(1)
    assert floor.seat(A).call_id == "call-1"


# --- the campaign of a call -----------------------------------------------------------------------


def test_wrap_up_follows_the_campaign_of_the_call() -> None:
    floor = world(wrap_up_s=20.0, wrap_up_extension_s=7.0, after_wrap_up="available")
    floor.ready()
    floor.lease(1, campaign_id=TWO)
    floor.offer(1)
    joined(floor, 1, A)
    floor.end(1)
    deadline = floor.seat().deadline
    assert deadline is not None
    assert (deadline - floor.now).total_seconds() == 20.0
    floor.run(commands.ExtendWrapUp(A))
    floor.pass_time(28.0)
    assert floor.state() is SeatState.AVAILABLE, "the first campaign would have sent it away"


def test_statuses_are_those_of_the_campaign_of_the_call() -> None:
    floor = world(statuses=())
    floor.ready()
    floor.lease(1, campaign_id=TWO)
    floor.offer(1)
    joined(floor, 1, A)
    with pytest.raises(Refused) as refused:
        floor.run(commands.MarkStatus(A, CallId("call-1"), "contact", True))
    assert refused.value.error_id is ErrorId.STATUS_UNKNOWN


def test_an_abandoned_call_is_counted_to_the_campaign_that_dialed_it() -> None:
    floor = world()
    floor.lease(1, campaign_id=TWO)
    floor.offer(1)
    floor.wait(2.5)
    floor.run(ended(1, floor.now, by="gateway", abandoned=True))
    assert [event.campaign_id for event in floor.happened(CallFinished)] == [TWO]
    counts = {key: each.answers.abandoned_24h for key, each in floor.floor.campaigns.items()}
    assert counts == {ONE: 0, TWO: 1}


# --- campaigns come and go ------------------------------------------------------------------------


def test_a_campaign_that_is_started_has_the_seats_at_once() -> None:
    floor = world(running="stopped")
    floor.ready()
    switch(floor, TWO, "running")
    assert ProgressivePacer().decide(snapshot(floor.floor, TWO, floor.now), floor.now).count == 1


@pytest.mark.parametrize("running", ["paused", "draining", "stopped"])
def test_who_answers_after_a_campaign_was_held_is_still_served(running: str) -> None:
    floor = world()
    floor.ready()
    floor.lease(1, campaign_id=TWO)
    switch(floor, TWO, running)
    floor.offer(1)
    assert floor.seat().call_id == "call-1"


def test_idle_time_is_of_a_campaign_that_runs() -> None:
    floor = world()
    floor.ready()
    switch(floor, ONE, "stopped")
    assert floor.seat().campaign_id == TWO
    moved = floor.happened(SeatMoved)[-1]
    assert (moved.from_state, moved.to_state, moved.campaign_id) == ("available", "available", TWO)
    switch(floor, TWO, "stopped")
    assert floor.seat().campaign_id == TWO, "nothing else runs"


def test_a_busy_seat_keeps_the_campaign_of_its_call_until_it_is_free() -> None:
    floor = world()
    floor.ready()
    floor.bridge()
    switch(floor, ONE, "stopped")
    assert floor.seat().campaign_id == ONE
    floor.end(1)
    assert floor.happened(SeatMoved)[-1].campaign_id == ONE
    floor.run(commands.SaveResult(A, CallId("call-1"), ""))
    assert (floor.seat().state, floor.seat().campaign_id) == (SeatState.AVAILABLE, TWO)


# --- preview beside others ------------------------------------------------------------------------


def test_a_seat_may_ask_for_a_customer_of_the_campaign_that_previews() -> None:
    floor = world(mode="preview")
    floor.ready()
    floor.run(commands.NextCustomer(A))
    assert snapshot(floor.floor, TWO, floor.now).requests == (A,)
    assert not snapshot(floor.floor, ONE, floor.now).seats[0].ready, "it is to be shown somebody"
    floor.run(commands.StartCalls(TWO, 1, "", A))
    floor.lease(1, seat_id=A, campaign_id=TWO)
    assert (floor.seat().state, floor.seat().campaign_id) == (SeatState.RESERVED, TWO)


def test_a_wish_for_a_customer_waits_while_a_line_is_on_its_way_to_the_seat() -> None:
    floor = world(mode="preview")
    floor.ready()
    floor.lease(1)
    floor.run(commands.NextCustomer(A))
    [wish] = [each for each in Pacing().decisions(floor.floor, floor.now) if each.campaign_id == 2]
    assert (wish.count, wish.reason) == (0, "others-lines")
    floor.offer(1)
    assert floor.seat().call_id == "call-1"


def test_a_wish_is_forgotten_when_no_campaign_previews_any_more() -> None:
    floor = world(mode="preview")
    floor.ready()
    floor.run(commands.NextCustomer(A))
    switch(floor, TWO, "stopped")
    assert snapshot(floor.floor, ONE, floor.now).seats[0].ready


# --- what pacers see ------------------------------------------------------------------------------


def test_lines_of_another_campaign_on_the_same_seats_leave_nothing_to_start() -> None:
    floor = world()
    floor.ready(A, B)
    floor.lease(1, 2)
    seen = snapshot(floor.floor, TWO, floor.now)
    assert [len(other.lines) for other in seen.others] == [2]
    decision = ProgressivePacer().decide(seen, floor.now)
    assert (decision.count, decision.reason) == (0, "others-lines")


def test_lines_that_have_seats_of_their_own_leave_the_shared_ones_free() -> None:
    floor = world()
    floor.ready(A)
    floor.serves = frozenset({ONE})
    floor.ready(B)
    floor.lease(1)
    seen = snapshot(floor.floor, TWO, floor.now)
    assert (seen.elsewhere, ProgressivePacer().decide(seen, floor.now).count) == (1, 1)
    floor.lease(2)
    assert ProgressivePacer().decide(snapshot(floor.floor, TWO, floor.now), floor.now).count == 0


def test_a_campaign_alone_sees_no_others() -> None:
    floor = world(serves=frozenset({ONE}))
    floor.ready()
    floor.lease(1, campaign_id=TWO)
    assert snapshot(floor.floor, ONE, floor.now).others == ()


def test_matching_moves_lines_to_seats_that_others_cannot_have() -> None:
    seats = {frozenset({ONE}): 1, BOTH: 1, frozenset({TWO, THREE}): 1}
    assert served({ONE: 1, TWO: 1, THREE: 1}, seats) == 3
    assert served({ONE: 3}, seats) == 2
    assert served({THREE: 2, TWO: 1}, seats) == 2
    assert served({}, seats) == 0


# --- whatever happens -----------------------------------------------------------------------------

SETS = (frozenset({ONE}), frozenset({TWO}), BOTH, frozenset({TWO, THREE}), BOTH | {THREE})
SEATS = tuple(SeatId(f"operator{number}") for number in range(1, 5))
STEPS = st.lists(
    st.tuples(st.sampled_from(("answer", "fail", "free", "pause")), st.integers(0, 7)), max_size=40
)


class Shop:
    """Three progressive campaigns, seats of several teams, and the product's own dealing."""

    def __init__(self, serves: list[frozenset[CampaignId]]) -> None:
        self.world = World()
        for campaign_id in (TWO, THREE):
            self.world.run(commands.ConfigureCampaign(campaign(campaign_id=campaign_id)))
        for seat_id, theirs in zip(SEATS, serves, strict=False):
            self.world.serves = theirs
            self.world.run(
                commands.OpenSeat(seat_id, seat_id[-1], None, min(theirs), theirs)  # type: ignore[arg-type]
            )
            self.world.run(gateway_facts.SeatMediaUp(seat_id, self.gateway, self.world.now))
            self.world.run(commands.PassDeviceCheck(seat_id))
            self.world.hear()
            self.world.run(commands.GoAvailable(seat_id))
        self.pacing = Pacing()
        self.made = 0

    gateway = next(iter(World().floor.gateways))

    def dial(self) -> None:
        """Ask every pacer, lease and place what it wants, and look at the promise."""
        for asked in self.pacing.decisions(self.world.floor, self.world.now):
            self.world.run(asked)
        for campaign_id, count in list(self.world.floor.leasing.items()):
            if count:
                numbers = range(self.made, self.made + count)
                self.made += count
                self.world.lease(*numbers, campaign_id=campaign_id)
        floor, now = self.world.floor, self.world.now
        idle: dict[frozenset[CampaignId], int] = {}
        for seat in floor.seats.values():
            if seat.proven_ready(now):
                idle[campaigns_of(seat)] = idle.get(campaigns_of(seat), 0) + 1
        lines = on_their_way(floor.calls.values())
        assert served(lines, idle) == lines.total(), "an idle seat was promised twice"

    def do(self, step: str, which: int) -> None:
        world = self.world
        world.wait(0.3)
        world.hear()
        if step in ("answer", "fail"):
            lines = [c for c in world.floor.calls.values() if c.seat_id is None]
            if lines:
                getattr(self, step)(int(lines[which % len(lines)].call_id.split("-")[1]))
        elif step == "free":
            self.free(which)
        else:
            campaign_id = (ONE, TWO, THREE)[which % 3]
            runs = world.floor.campaigns[campaign_id].running == "running"
            switch(world, campaign_id, "paused" if runs else "running")

    def answer(self, number: int) -> None:
        """Whoever picks up has an operator at that very instant (I11: one who serves them)."""
        self.world.offer(number)
        call = self.world.call(number)
        assert call.seat_id is not None, "somebody answered to nobody"
        seat = self.world.seat(call.seat_id)
        assert call.campaign_id in campaigns_of(seat)
        assert seat.campaign_id == call.campaign_id
        joined(self.world, number, call.seat_id)

    def fail(self, number: int) -> None:
        self.world.end(number, answered=False, verdict=None, sip_code=486, by="trunk")

    def free(self, which: int) -> None:
        busy = [s for s in self.world.floor.seats.values() if s.state is SeatState.TALKING]
        if busy:
            seat = busy[which % len(busy)]
            assert seat.call_id is not None
            self.world.end(int(seat.call_id.split("-")[1]))
            self.world.run(commands.SaveResult(seat.seat_id, seat.call_id, ""))


@settings(max_examples=40, deadline=None)
@given(serves=st.lists(st.sampled_from(SETS), min_size=1, max_size=4), steps=STEPS)
def test_progressive_campaigns_never_call_two_people_for_one_idle_seat(
    serves: list[frozenset[CampaignId]], steps: list[tuple[str, int]]
) -> None:
    shop = Shop(serves)
    shop.dial()
    for step, which in steps:
        shop.do(step, which)
        shop.dial()


def test_an_answer_of_a_dialer_ahead_is_served_by_a_seat_others_were_called_for() -> None:
    floor = world()
    floor.ready()
    floor.lease(1)
    floor.lease(2, campaign_id=TWO)
    floor.offer(2)
    assert floor.seat().call_id == "call-2", "who is there goes before who may come"
