"""Calls are dealt out by priority and weight, and never beyond what the lines allow."""

from __future__ import annotations

from agent_desk.dialer.floor import Floor, Gateway, Share
from agent_desk.dialer.ids import GatewayId, TrunkId
from agent_desk.services.dialing.trunk_choice import Rank, Room, Spot, deal, fallbacks, room_of
from tests import builders

A, B, C = TrunkId("a"), TrunkId("b"), TrunkId("c")
ONE, TWO = GatewayId("gw1"), GatewayId("gw2")


def room(**lines: int) -> Room:
    return {(ONE, TrunkId(name)): count for name, count in lines.items()}


def dealt(
    space: Room, count: int, ranks: dict[TrunkId, Rank], standing: dict[TrunkId, int] | None = None
) -> list[TrunkId]:
    found = deal(space, count, ranks=ranks, standing=standing or {})
    return [spot.trunk_id for spot in found.spots]


def test_weights_are_kept_and_calls_of_one_trunk_do_not_come_in_a_row() -> None:
    ranks = {A: Rank(weight=3), B: Rank(weight=1)}
    assert dealt(room(a=10, b=10), 8, ranks) == [A, A, B, A, A, A, B, A]


def test_calls_asked_for_one_by_one_are_dealt_like_calls_asked_for_together() -> None:
    ranks, one_by_one, standing = {A: Rank(weight=2), B: Rank(weight=1)}, [], {}
    for _ in range(6):
        found = deal(room(a=10, b=10), 1, ranks=ranks, standing=standing)
        standing = dict(found.standing)
        one_by_one += [spot.trunk_id for spot in found.spots]
    assert one_by_one == dealt(room(a=10, b=10), 6, ranks)
    assert one_by_one.count(A) == 4


def test_a_dearer_trunk_is_used_only_when_the_first_is_full() -> None:
    ranks = {A: Rank(priority=1), B: Rank(priority=2, weight=100)}
    assert dealt(room(a=2, b=2), 5, ranks) == [A, A, B, B]


def test_a_trunk_without_room_gets_nothing_and_keeps_no_claim() -> None:
    ranks = {A: Rank(weight=1), B: Rank(weight=1)}
    assert dealt(room(a=0, b=3), 3, ranks) == [B, B, B]


def test_of_two_gateways_the_emptier_one_takes_the_call() -> None:
    space: Room = {(ONE, A): 1, (TWO, A): 3}
    found = deal(space, 9, ranks={}, standing={})
    assert [spot.gateway_id for spot in found.spots] == [TWO, TWO, TWO, ONE]


def floor(*, in_flight: int = 0, up: bool = True) -> Floor:
    shares = {A: Share(2, 1.0, up=up), B: Share(2, 1.0, up=True), C: Share(0, 0.0, up=True)}
    gateway = Gateway(ONE, "boot", linked=True, trunks=shares, lost_at=None)
    calls = [builders.call(f"c{number}", trunk_id=A, gateway_id=ONE) for number in range(in_flight)]
    return builders.floor_of(gateways=[gateway], calls=calls)


def test_room_is_the_share_less_the_calls_in_flight() -> None:
    assert room_of(floor(in_flight=1)) == {(ONE, A): 1, (ONE, B): 2}


def test_a_trunk_that_is_down_has_no_room_and_is_nobodys_fallback() -> None:
    assert room_of(floor(up=False)) == {(ONE, B): 2}
    assert fallbacks(floor(up=False), Spot(B, ONE), ranks={}) == ()


def test_the_other_usable_trunks_are_tried_by_priority_and_weight() -> None:
    ranks = {A: Rank(priority=2), B: Rank(priority=1)}
    assert fallbacks(floor(), Spot(B, ONE), ranks=ranks) == (A,)
    assert fallbacks(floor(), Spot(C, ONE), ranks=ranks) == (B, A)
