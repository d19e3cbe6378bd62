"""What a pacer sees of the floor."""

from __future__ import annotations

import pytest

from agent_desk.dialer import commands, gateway_facts
from agent_desk.dialer.floor import CallState, SeatState
from agent_desk.dialer.ids import CampaignId, GatewayId, TrunkId
from agent_desk.dialer.pacing import PacingSnapshot, ProgressivePacer
from agent_desk.dialer.pacing_view import Survey, snapshot
from agent_desk.dialer.why_codes import WhyCode
from tests.agent_desk.dialer.floors import (
    APPROVED,
    CAMPAIGN,
    GATEWAY,
    TRUNK,
    A,
    B,
    World,
    campaign,
    instant,
)


def seen(world: World, campaign_id: CampaignId = CAMPAIGN) -> PacingSnapshot:
    return snapshot(world.floor, campaign_id, world.now)


def test_seats_and_lines_are_seen_with_their_phase_and_since_when() -> None:
    world = World()
    world.ready(A, B)
    world.bridge(1, A)
    world.lease(2)
    world.ring(2)
    view = seen(world)
    assert [(seat.seat_id, seat.phase, seat.ready) for seat in view.seats] == [
        (A, SeatState.TALKING, False),
        (B, SeatState.AVAILABLE, True),
    ]
    assert [(line.phase, line.seat_id) for line in view.lines] == [
        (CallState.BRIDGED, A),
        (CallState.RINGING, None),
    ]
    assert view.lines[1].rang_since == world.now


def test_a_seat_that_will_go_on_a_break_after_its_call_is_away_to_the_pacer() -> None:
    world = World()
    world.ready(A)
    world.bridge(1, A)
    world.run(commands.GoAway(A, "break"))
    assert (world.state(A), world.seat(A).queued_away) == (SeatState.TALKING, "break")
    assert [seat.phase for seat in seen(world).seats] == [SeatState.AWAY]
    world.run(commands.CancelAway(A))
    assert [seat.phase for seat in seen(world).seats] == [SeatState.TALKING]


def test_a_survey_that_is_kept_says_what_a_fresh_one_does() -> None:
    """What is not made anew must be what it would be: after each step, for both campaigns."""
    world, other, kept = World(), CampaignId(2), Survey()
    steps = [
        lambda: world.run(commands.ConfigureCampaign(campaign(campaign_id=other))),
        lambda: world.ready(A, B),
        lambda: world.lease(1, 2, 3),
        lambda: world.ring(2),
        lambda: world.bridge(1, A),
        lambda: world.run(commands.GoAway(A, "break")),
        lambda: world.run(commands.CancelAway(A)),
        lambda: world.run(commands.StartCalls(other, 2, "", None)),
        lambda: world.wait(5.0),  # the pages fall silent: nothing moved, nobody is ready
        lambda: world.run(commands.Tick()),
        lambda: world.end(2),
        lambda: world.run(commands.CloseSeat(B, "logout")),
    ]
    for place, step in enumerate(steps):
        step()
        kept.look(world.floor)
        for campaign_id in world.floor.campaigns:
            fresh = snapshot(world.floor, campaign_id, world.now)
            assert snapshot(world.floor, campaign_id, world.now, kept) == fresh, place
    assert fresh.seats == ()
    assert [seat.seat_id for seat in seen(world).seats] == [A]


def test_room_is_what_all_campaigns_leave() -> None:
    world = World()
    other = CampaignId(2)
    world.run(commands.ConfigureCampaign(campaign(campaign_id=other)))
    world.lease(1, 2, 3)
    world.run(commands.StartCalls(other, 2, "", None))
    assert seen(world).lines_room == 10 - 3 - 2
    assert seen(world).calls_now == 7 - 2
    assert (seen(world).leasing, seen(world, other).leasing) == (0, 2)
    assert (len(seen(world).lines), len(seen(world, other).lines)) == (3, 0)


def test_a_trunk_that_is_down_or_out_of_reach_is_no_room() -> None:
    world = World()
    world.run(
        gateway_facts.GatewayWelcomed(
            GATEWAY, "boot-1", ((TRUNK, 10, 10.0), (TrunkId("trunk-2"), 4, 2.0))
        )
    )
    assert (seen(world).trunks_up, seen(world).lines_room) == (1, 10)
    world.run(gateway_facts.TrunkChanged(GATEWAY, TrunkId("trunk-2"), True))
    assert (seen(world).lines_room, seen(world).calls_per_second) == (14, 12.0)
    world.run(gateway_facts.GatewayLost(GATEWAY))
    assert (seen(world).gateways_linked, seen(world).lines_room) == (0, 0)


def test_ended_calls_in_wrap_up_take_no_line() -> None:
    world = World()
    world.ready()
    world.bridge()
    world.end()
    assert seen(world).lines == ()
    assert seen(world).lines_room == 10


def test_a_customer_only_shown_takes_no_line() -> None:
    world = World(mode="preview")
    world.ready()
    world.run(commands.NextCustomer(A))
    assert seen(world).requests == (A,)
    world.run(commands.StartCalls(CAMPAIGN, 1, "", A))
    assert seen(world).requests == ()
    world.lease(1, seat_id=A)
    assert seen(world).lines_room == 10
    world.run(commands.PlacePreviewed(A))
    assert seen(world).lines_room == 9


@pytest.mark.parametrize(
    ("next_allowed", "until"),
    [(None, 5.0), (3.0, 3.0), (500.0, 5.0), (0.2, 1.0), (-9.0, 1.0)],
)
def test_an_empty_lease_is_not_asked_for_again_at_once(
    next_allowed: float | None, until: float
) -> None:
    world = World()
    at = None if next_allowed is None else instant(next_allowed)
    world.run(commands.AttemptsLeased(CAMPAIGN, 2, (), "outside-hours", at, None))
    view = seen(world)
    assert view.nothing_until == instant(until)
    assert view.nothing_reason is WhyCode.OUTSIDE_HOURS


def test_a_lease_that_found_all_is_asked_for_again_at_once() -> None:
    world = World()
    world.run(commands.AttemptsLeased(CAMPAIGN, 2, (), "no-dialable", None, None))
    world.lease(1)
    assert seen(world).nothing_until is None


def test_progressive_dialing_follows_the_seats() -> None:
    """The loop in small: ask, start, lease, ask again."""
    world = World()
    world.ready(A, B)
    pacer = ProgressivePacer()
    first = pacer.decide(seen(world), world.now)
    assert first.count == 2
    world.run(commands.StartCalls(CAMPAIGN, first.count, first.reason, None))
    assert pacer.decide(seen(world), world.now).reason is WhyCode.ENOUGH_LINES
    world.lease(1, 2)
    assert pacer.decide(seen(world), world.now).reason is WhyCode.ENOUGH_LINES
    world.end(1, by="trunk", answered=False, rang=False, sip_code=486)
    assert pacer.decide(seen(world), world.now).count == 1
    world.offer(2)
    assert pacer.decide(seen(world), world.now).count == 1, "B is idle, and nothing rings for it"


def test_the_campaigns_times_are_seen() -> None:
    view = seen(World(ring_limit_s=18.0, bridge_within_s=1.5))
    assert (view.ring_limit_s, view.bridge_within_s) == (18.0, 1.5)


@pytest.mark.parametrize(
    ("approved", "plays", "heard"),
    [
        (APPROVED, APPROVED, True),
        (APPROVED, "ab" * 32, False),
        (APPROVED, "", False),  # an older gateway does not say
        ("", "", False),
        ("", APPROVED, False),
    ],
)
def test_a_recording_counts_only_where_every_gateway_plays_the_approved_one(
    approved: str, plays: str, heard: bool
) -> None:
    world = World(safe_harbour=approved)
    second = GatewayId("gw-2")
    shares = ((TRUNK, 10, 10.0),)
    world.run(gateway_facts.GatewayWelcomed(second, "boot-1", shares, safe_harbour=plays))
    assert seen(world).safe_harbour is bool(approved), "it takes no calls yet"
    world.run(gateway_facts.GatewaySnapshot(second, "boot-1", (), (), (TRUNK,)))
    assert seen(world).safe_harbour is heard
