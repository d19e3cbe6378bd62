"""Heartbeats and audio reports prove a seat ready, and never move it."""

from __future__ import annotations

import pytest

from agent_desk.dialer import commands, gateway_facts
from agent_desk.dialer.floor import SeatState
from agent_desk.dialer.ids import CallId, GatewayId, SeatId
from tests.agent_desk.dialer.floors import GATEWAY, A, World, instant

OTHER = GatewayId("gw-2")


def test_a_seat_is_ready_for_three_seconds_after_its_heartbeat() -> None:
    world = World()
    world.ready()
    pulse_at = world.seat().link.pulse_at
    assert pulse_at == world.now
    assert world.seat().proven_ready(instant(world.seconds + 3.0))
    assert not world.seat().proven_ready(instant(world.seconds + 3.01))


def test_an_older_heartbeat_than_the_last_one_is_nothing() -> None:
    world = World()
    world.ready()
    world.run(commands.ObservePulses((commands.PulseOfSeat(A, instant(0), False, False),)))
    assert world.seat().link.track_live


def test_a_heartbeat_from_the_future_counts_as_now() -> None:
    world = World()
    world.ready()
    world.run(commands.ObservePulses((commands.PulseOfSeat(A, instant(9_999), True, True),)))
    assert world.seat().link.pulse_at == world.now


def test_heartbeats_and_reports_of_unknown_seats_are_nothing() -> None:
    world = World()
    before = world.floor
    ghost = SeatId("operator9")
    world.run(commands.ObservePulses((commands.PulseOfSeat(ghost, world.now, True, True),)))
    media = commands.MediaOfSeat(ghost, True, 0.0, 0.0, 0.0)
    world.run(commands.ObserveMedia(GATEWAY, world.now, (media,)))
    world.run(gateway_facts.SeatMediaUp(ghost, GATEWAY, world.now))
    world.run(gateway_facts.SeatMediaDown(ghost, world.now, "closed"))
    world.run(gateway_facts.SeatSilent(CallId("call-1"), ghost, world.now, True))
    assert world.floor is before


def test_consent_is_counted_on_between_two_reports() -> None:
    world = World()
    world.ready()
    media = commands.MediaOfSeat(A, True, 13.0, 0.01, 7.0)
    world.run(commands.ObserveMedia(GATEWAY, world.now, (media,)))
    assert world.seat().link.media_alive(instant(world.seconds + 2.0))
    assert not world.seat().link.media_alive(instant(world.seconds + 2.1))
    assert (world.seat().link.loss, world.seat().link.jitter_ms) == (0.01, 7.0)


def test_a_gateway_that_stopped_reporting_proves_nothing() -> None:
    world = World()
    world.ready()
    world.wait(3.1)
    world.run(commands.ObservePulses((commands.PulseOfSeat(A, world.now, True, True),)))
    assert not world.seat().proven_ready(world.now)


def test_another_gateways_report_is_not_believed() -> None:
    world = World()
    world.ready()
    before = world.floor
    media = commands.MediaOfSeat(A, False, 0.0, 0.0, 0.0)
    world.run(commands.ObserveMedia(OTHER, world.now, (media,)))
    assert world.floor is before
    world.run(gateway_facts.SeatMediaUp(A, OTHER, world.now))
    assert world.seat().gateway_id == OTHER


def test_a_report_of_a_leg_that_is_not_connected_gives_no_gateway() -> None:
    world = World()
    world.open()
    media = commands.MediaOfSeat(A, False, 0.0, 0.0, 0.0)
    world.run(commands.ObserveMedia(GATEWAY, world.now, (media,)))
    assert world.seat().gateway_id is None


def test_lost_media_moves_nothing() -> None:
    world = World()
    world.ready()
    decided = world.run(gateway_facts.SeatMediaDown(A, world.now, "closed"))
    assert decided.events == ()
    assert world.state() is SeatState.AVAILABLE
    assert not world.seat().proven_ready(world.now)


def test_a_silent_seat_is_down_until_it_sounds_again() -> None:
    world = World()
    world.ready()
    world.bridge()
    world.run(gateway_facts.SeatSilent(CallId("call-1"), A, world.now, True))
    assert not world.seat().link.media_up
    world.run(gateway_facts.SeatSilent(CallId("call-1"), A, world.now, False))
    assert world.seat().link.media_up
    world.run(gateway_facts.SeatSilent(CallId("call-7"), A, world.now, True))
    assert world.seat().link.media_up


@pytest.mark.parametrize(
    ("talking", "age", "health"),
    [
        (False, 3.0, "ok"),
        (False, 3.1, "stale"),
        (False, 30.0, "stale"),
        (False, 30.1, "lost"),
        (True, 12.0, "ok"),
        (True, 12.1, "stale"),
        (True, 31.0, "lost"),
    ],
)
def test_health_is_judged_by_the_rhythm_of_the_state(
    talking: bool, age: float, health: str
) -> None:
    world = World()
    world.ready()
    if talking:
        world.bridge()
    assert world.seat().health(instant(world.seconds + age)) == health
