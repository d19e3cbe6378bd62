"""Starting calls, the lease's answer, campaign switches and do-not-call."""

from __future__ import annotations

import pytest

from agent_desk.dialer import commands, effects, gateway_facts
from agent_desk.dialer.errors import ErrorId, Refused
from agent_desk.dialer.events import CallFinished, CampaignRunningSet, PacingSet, ScreeningSet
from agent_desk.dialer.floor import Answers, CallState, InFlight, SeatState, Why
from agent_desk.dialer.ids import CallId, CampaignId
from agent_desk.dialer.why_codes import WhyCode
from tests.agent_desk.dialer.floors import (
    CAMPAIGN,
    GATEWAY,
    TRUNK,
    A,
    World,
    attempt,
    campaign,
    instant,
    screened,
)


def test_a_decision_to_start_calls_becomes_a_lease() -> None:
    world = World()
    world.run(commands.StartCalls(CAMPAIGN, 3, "", None))
    assert world.done(effects.Lease) == [effects.Lease(CAMPAIGN, 3, None)]
    assert world.floor.leasing[CAMPAIGN] == 3
    assert world.floor.why[CAMPAIGN].count == 3


def test_a_decision_to_wait_says_why_and_since_when() -> None:
    world = World()
    world.run(commands.StartCalls(CAMPAIGN, 0, "no-seats", None))
    since = world.now
    world.wait(5)
    before = world.floor
    world.run(commands.StartCalls(CAMPAIGN, 0, "no-seats", None))
    assert world.floor is before
    assert world.floor.why[CAMPAIGN] == Why(0, "no-seats", since)
    world.run(commands.StartCalls(CAMPAIGN, 0, "enough-lines", None))
    assert world.floor.why[CAMPAIGN].at == world.now


@pytest.mark.parametrize("running", ["paused", "draining", "stopped"])
def test_a_decision_made_before_the_campaign_was_held_starts_nothing(running: str) -> None:
    world = World(running=running)
    world.run(commands.StartCalls(CAMPAIGN, 3, "", None))
    assert not world.done(effects.Lease)
    assert world.floor.why[CAMPAIGN].reason == f"campaign-{running}"


def test_nothing_is_leased_without_a_gateway() -> None:
    world = World()
    world.run(gateway_facts.GatewayLost(GATEWAY))
    world.run(commands.StartCalls(CAMPAIGN, 3, "", None))
    assert not world.done(effects.Lease)
    assert world.floor.why[CAMPAIGN].reason == "gateway-down"


def test_leased_attempts_are_placed_at_once() -> None:
    world = World()
    world.run(commands.StartCalls(CAMPAIGN, 2, "", None))
    world.lease(1, 2)
    assert [effect.call_id for effect in world.done(effects.PlaceCall)] == ["call-1", "call-2"]
    assert world.floor.leasing[CAMPAIGN] == 0
    assert world.call(1).state is CallState.LEASED
    assert world.call(1).place_asked_at == world.now


def test_an_attempt_handed_in_twice_is_one_call() -> None:
    world = World()
    world.lease(1)
    world.lease(1)
    assert len(world.done(effects.PlaceCall)) == 1
    assert world.floor.leasing[CAMPAIGN] == 0


def test_each_call_takes_one_from_the_rate() -> None:
    world = World()
    share = world.floor.gateways[GATEWAY].trunks[TRUNK]
    assert share.calls_now(world.now) == 10.0
    world.lease(1, 2, 3)
    share = world.floor.gateways[GATEWAY].trunks[TRUNK]
    assert share.calls_now(world.now) == 7.0
    assert share.calls_now(instant(world.seconds + 0.2)) == 9.0
    assert share.calls_now(instant(world.seconds + 60)) == 10.0


def test_a_lease_that_found_too_little_is_remembered_with_the_next_instant() -> None:
    world = World()
    world.run(commands.StartCalls(CAMPAIGN, 3, "", None))
    world.run(commands.AttemptsLeased(CAMPAIGN, 3, (), "outside-hours", instant(500), None))
    why = world.floor.why[CAMPAIGN]
    assert (why.count, why.reason, why.next_allowed_at) == (0, "outside-hours", instant(500))
    assert (why.dry_at, why.dry_reason) == (world.now, WhyCode.OUTSIDE_HOURS)


def test_a_lease_that_was_short_of_lines_only_is_asked_for_again_at_once() -> None:
    """A caller took the last but one meanwhile: that says nothing about the lists."""
    world = World()
    world.run(commands.StartCalls(CAMPAIGN, 3, "", None))
    found = (attempt(1), attempt(2))
    world.run(commands.AttemptsLeased(CAMPAIGN, 3, found, "", None, None))
    why = world.floor.why[CAMPAIGN]
    assert (why.count, why.reason, why.dry_at) == (2, "", None)


@pytest.mark.parametrize(
    ("hold", "cause"),
    [
        (commands.SetCampaignRunning(CAMPAIGN, "paused"), "campaign-paused"),
        (commands.SetCampaignRunning(CAMPAIGN, "stopped"), "campaign-stopped"),
        (gateway_facts.GatewayLost(GATEWAY), "gateway-down"),
    ],
)
def test_what_was_leased_for_a_world_that_changed_is_released(
    hold: commands.Command, cause: str
) -> None:
    world = World()
    world.run(commands.StartCalls(CAMPAIGN, 1, "", None))
    world.run(hold)
    world.lease(1)
    finished = world.happened(CallFinished)[0]
    assert (finished.outcome, finished.counts, finished.cause) == ("not_placed", False, cause)
    assert not world.floor.calls
    assert not world.done(effects.PlaceCall)


def test_an_attempt_leased_too_late_is_released() -> None:
    world = World()
    world.wait(40_000)
    world.lease(1)
    assert world.happened(CallFinished)[0].cause == "too-late"


def test_stopping_and_starting_reach_the_gateways() -> None:
    world = World()
    world.run(commands.SetCampaignRunning(CAMPAIGN, "running"))
    assert not world.happened(CampaignRunningSet)
    world.run(commands.SetCampaignRunning(CAMPAIGN, "stopped"))
    world.run(commands.SetCampaignRunning(CAMPAIGN, "running"))
    world.run(commands.SetCampaignRunning(CAMPAIGN, "paused"))
    world.run(commands.SetCampaignRunning(CAMPAIGN, "running"))
    assert len(world.done(effects.StopCampaign)) == 1
    assert len(world.done(effects.ResumeCampaign)) == 1
    assert len(world.happened(CampaignRunningSet)) == 4


def test_a_stopped_campaign_releases_what_the_gateway_did_not_send() -> None:
    world = World()
    world.lease(1)
    world.run(commands.SetCampaignRunning(CAMPAIGN, "stopped"))
    world.run(gateway_facts.CallNotPlaced(CallId("call-1"), world.now, "campaign-stopped"))
    assert world.happened(CallFinished)[0].counts is False


def test_who_set_a_campaign_and_when_stays_with_it() -> None:
    world = World()
    world.wait(7)
    world.run(commands.SetCampaignRunning(CAMPAIGN, "stopped", by="lead1"))
    stopped_at = world.now
    world.wait(7)
    world.run(commands.SetCampaignRunning(CAMPAIGN, "stopped", by="lead2"))
    now = world.floor.campaigns[CAMPAIGN]
    assert (now.running_by, now.running_at) == ("lead1", stopped_at)
    set_ = world.happened(CampaignRunningSet)
    assert set_ == [CampaignRunningSet(CAMPAIGN, "stopped", stopped_at, "lead1")]
    world.run(commands.ConfigureCampaign(campaign()))
    assert world.floor.campaigns[CAMPAIGN].running_by == "lead1"


def one_of_each() -> World:
    """A talk, somebody who waits for a seat, and somebody whose telephone rings."""
    world = World()
    world.ready(A)
    world.bridge(1)
    for number in (2, 3):
        world.lease(number)
    world.offer(2)
    world.ring(3)
    return world


def test_the_kill_switch_stops_every_campaign_it_is_given_in_one_decision() -> None:
    world = one_of_each()
    other = CampaignId(2)
    world.run(commands.ConfigureCampaign(campaign(campaign_id=other)))
    world.run(commands.StopCampaigns((CAMPAIGN, other), "lead1", "finish"))
    assert {c.running for c in world.floor.campaigns.values()} == {"stopped"}
    assert [e.campaign_id for e in world.done(effects.StopCampaign)] == [CAMPAIGN, other]
    assert not world.done(effects.HangUp) and not world.done(effects.EndWithPrompt)


def test_the_kill_switch_changes_nothing_when_one_campaign_is_unknown() -> None:
    world = World()
    with pytest.raises(Refused):
        world.run(commands.StopCampaigns((CAMPAIGN, CampaignId(9)), "lead1", "finish"))
    assert world.floor.campaigns[CAMPAIGN].running == "running"


@pytest.mark.parametrize("first", ["finish", "message"])
def test_with_a_message_who_waits_hears_it_and_who_rings_is_let_go(first: InFlight) -> None:
    world = one_of_each()
    for in_flight in (first, "message"):
        world.run(commands.StopCampaigns((CAMPAIGN,), "lead1", in_flight))
    assert [(e.call_id, e.prompt) for e in world.done(effects.EndWithPrompt)] == [
        ("call-2", "safe_harbour"),
        ("call-3", "safe_harbour"),  # to nobody, unless somebody picks up in this moment
    ]
    assert world.call(1).ending_at is None, "a talk goes on"


def test_screening_is_set_and_told_once() -> None:
    world = World()
    for _ in range(2):
        world.run(commands.SetScreening(CAMPAIGN, "watch"))
    assert world.happened(ScreeningSet) == [ScreeningSet(CAMPAIGN, "watch", world.now)]
    world.run(commands.ConfigureCampaign(campaign(screening="off")))
    assert world.floor.campaigns[CAMPAIGN].screening == "watch"


def test_pacing_is_set_within_its_limits() -> None:
    world = World()
    world.run(commands.SetPacing(CAMPAIGN, "ratio", 2.5))
    world.run(commands.SetPacing(CAMPAIGN, "ratio", 2.5))
    assert world.happened(PacingSet) == [PacingSet(CAMPAIGN, "ratio", 2.5, world.now)]
    for ratio in (0.9, 5.1):
        with pytest.raises(Refused) as refused:
            world.run(commands.SetPacing(CAMPAIGN, "ratio", ratio))
        assert refused.value.error_id is ErrorId.RATIO_OUT_OF_RANGE


def test_settings_as_saved_leave_alone_what_has_its_own_command() -> None:
    world = World()
    world.run(commands.CountAnswers(CAMPAIGN, Answers(10, 1, 20, 2), Answers()))
    world.run(commands.ConfigureCampaign(campaign(wrap_up_s=90.0, running="stopped", ratio=3.0)))
    now = world.floor.campaigns[CAMPAIGN]
    assert (now.wrap_up_s, now.running, now.ratio) == (90.0, "running", 1.0)
    assert now.answers.live_24h == 10


def test_an_unknown_campaign_is_refused() -> None:
    world = World()
    for command in (
        commands.SetCampaignRunning(CampaignId(9), "running"),
        commands.SetPacing(CampaignId(9), "ratio", 1.0),
        commands.SetScreening(CampaignId(9), "off"),
        commands.StartCalls(CampaignId(9), 1, "", None),
        commands.CountAnswers(CampaignId(9), Answers(), Answers()),
    ):
        with pytest.raises(Refused) as refused:
            world.run(command)
        assert refused.value.error_id is ErrorId.CAMPAIGN_UNKNOWN


def test_do_not_call_ends_calls_on_their_way_and_spares_the_talk() -> None:
    world = World()
    world.ready()
    world.bridge(1)
    world.lease(2, 3, 4)
    world.ring(3)
    world.answer(4)
    world.run(commands.BlockCustomer(("key-1", "key-2", "key-3", "key-4"), "do-not-call"))
    assert world.done(effects.BlockNumbers) == [
        effects.BlockNumbers(("key-1", "key-2", "key-3", "key-4"))
    ]
    ended = [effect.call_id for effect in world.done(effects.EndWithPrompt)]
    assert ended == ["call-2", "call-3", "call-4"]
    assert world.state() is SeatState.TALKING
    world.end(3, by="desk", answered=False, sip_code=487)
    assert world.happened(CallFinished)[0].outcome == "cancelled"


def test_do_not_call_keeps_a_waiting_customer_from_being_bridged() -> None:
    world = World()
    world.lease(1)
    world.offer(1)
    world.run(commands.BlockCustomer(("key-1",), "do-not-call"))
    world.ready()
    assert not world.done(effects.Bridge)
    world.end(by="desk", verdict="human")
    finished = world.happened(CallFinished)[0]
    assert (finished.outcome, finished.abandoned) == ("abandoned", True)


def test_a_call_out_of_reach_that_is_blocked_becomes_what_its_gateway_tells() -> None:
    world = World()
    world.lease(1)
    world.ring(1)
    world.run(gateway_facts.GatewayLost(GATEWAY))
    world.run(commands.BlockCustomer(("key-1",), "do-not-call"))
    assert not world.happened(CallFinished)
    # Meanwhile somebody answered, heard the recording and went.
    world.run(gateway_facts.CallAnswered(CallId("call-1"), world.now))
    world.end(by="gateway", abandoned=True)
    finished = world.happened(CallFinished)[0]
    assert (finished.outcome, finished.live_answer, finished.abandoned) == ("abandoned", True, True)


def test_do_not_call_takes_a_previewed_customer_off_the_screen() -> None:
    world = World(mode="preview")
    world.ready()
    world.run(commands.NextCustomer(A))
    world.run(commands.StartCalls(CAMPAIGN, 1, "", A))
    world.lease(1, seat_id=A)
    world.run(commands.BlockCustomer(("key-1",), "do-not-call"))
    assert world.state() is SeatState.AVAILABLE
    assert world.happened(CallFinished)[0].counts is False


def test_a_verdict_during_the_hang_up_offers_nobody() -> None:
    world = World()
    world.ready()
    world.lease(1)
    world.ring(1)
    world.run(commands.BlockCustomer(("key-1",), "do-not-call"))
    world.answer(1)
    world.run(screened(1, world.now))
    assert not world.done(effects.Bridge)
