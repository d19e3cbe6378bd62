"""Whatever the gateways hold, their shares and their calls fit the trunk together."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent_desk.dialer.deadlines import OUT_OF_REACH_S
from agent_desk.dialer.ids import GatewayId
from agent_desk.gateway.shares import split
from agent_desk.gateway.sharing import HELD_S
from softphone import protocol
from softphone.protocol import TrunkShare
from tests.agent_desk.small_desk import SECRET, Shift, SmallDesk

NAMES = st.lists(st.text("abc", min_size=1, max_size=3), max_size=9, unique=True)


def lines_of(total: int, gateways: list[str], **held: int) -> list[int]:
    parts = split([TrunkShare("t", total, 20.0)], gateways, {"t": held})
    return [parts[name][0].lines for name in gateways]


@settings(derandomize=True, max_examples=100)
@given(lines=st.integers(0, 500), rate=st.floats(0.1, 100), gateways=NAMES)
def test_shares_add_up_to_what_the_trunk_allows(
    lines: int, rate: float, gateways: list[str]
) -> None:
    parts = split([TrunkShare("t", lines, rate)], gateways, {})
    assert set(parts) == set(gateways)
    if not gateways:
        return
    each = [part[0].lines for part in parts.values() if part[0].calls_per_second > 0]
    assert sum(each) == lines
    assert max(each) - min(each) <= 1
    assert abs(sum(part[0].calls_per_second for part in parts.values()) - rate) < 1e-6


@pytest.mark.parametrize(
    ("held", "shares"),
    [
        ({}, [5, 5]),
        ({"lost": 4}, [3, 3]),
        ({"lost": 12}, [0, 0]),
        ({"a": 5}, [5, 5]),
        ({"a": 8}, [5, 2]),
        ({"a": 10}, [5, 0]),
        ({"a": 6, "lost": 4}, [3, 0]),
    ],
)
def test_a_line_in_use_stays_with_who_uses_it(held: dict[str, int], shares: list[int]) -> None:
    assert lines_of(10, ["a", "b"], **held) == shares


@settings(derandomize=True, max_examples=100)
@given(lines=st.integers(0, 50), rate=st.floats(0.1, 100), gateways=NAMES)
def test_rates_are_whole_so_that_no_second_has_more_calls_than_the_trunk_takes(
    lines: int, rate: float, gateways: list[str]
) -> None:
    """A gateway that sends r calls a second, evenly, sends at most ⌈r⌉ in any one second."""
    parts = split([TrunkShare("t", lines, rate)], gateways, {})
    each = [part[0].calls_per_second for part in parts.values()]
    assert sum(math.ceil(r - 1e-9) for r in each) <= math.ceil(rate)


def test_a_gateway_without_calls_per_second_gets_no_lines() -> None:
    parts = split([TrunkShare("t", 4, 1.0)], ["a", "b"], {})
    assert [(p[0].lines, p[0].calls_per_second) for p in parts.values()] == [(4, 1.0), (0, 0.0)]


def test_a_trunk_is_not_shortened_by_the_calls_of_another() -> None:
    trunks = [TrunkShare("t", 4, 1.0), TrunkShare("u", 4, 1.0)]
    (part,) = split(trunks, ["a"], {"u": {"lost": 3}}).values()
    assert [share.lines for share in part] == [4, 1]


@settings(derandomize=True, max_examples=200)
@given(lines=st.integers(0, 60), gateways=NAMES, data=st.data())
def test_shares_and_calls_together_never_exceed_the_trunk(
    lines: int, gateways: list[str], data: st.DataObject
) -> None:
    held: dict[str, int] = {}
    left = lines
    for name in [*gateways, "lost"]:
        held[name] = data.draw(st.integers(0, left))
        left -= held[name]
    parts = split([TrunkShare("t", lines, 20.0)], gateways, {"t": held})
    used = [max(held[name], part[0].lines) for name, part in parts.items()]
    assert sum(used) + held["lost"] <= lines
    if gateways:
        assert sum(used) + held["lost"] == lines, "and no line is left lying"


# --- as the desk hands them out ----------------------------------------------------------------


def test_a_second_gateway_halves_the_first_ones_share_and_gives_it_back(
    small_desk: SmallDesk,
) -> None:
    def lines(gateway_id: str) -> int:
        trunks = small_desk.desk.commits.floor.gateways[GatewayId(gateway_id)].trunks
        return sum(share.lines for share in trunks.values())

    first = small_desk.gateway("gw1")
    assert lines("gw1") == 10
    second = small_desk.gateway("gw2")
    assert (lines("gw1"), lines("gw2")) == (5, 5)
    assert first.newest(protocol.SetShares).shares[0].lines == 5

    second.disconnect()
    small_desk.settle()
    assert lines("gw1") == 10
    assert first.newest(protocol.SetShares).shares[0].lines == 10
    gateway = small_desk.desk.commits.floor.gateways[GatewayId("gw1")]
    assert all(share.up for share in gateway.trunks.values())


def floor_lines(desk: SmallDesk, gateway_id: str) -> int:
    trunks = desk.desk.commits.floor.gateways[GatewayId(gateway_id)].trunks
    return sum(share.lines for share in trunks.values())


def test_the_lines_of_a_lost_gateways_calls_are_given_to_nobody(shift: Shift) -> None:
    call_id = shift.talk()
    desk, second = shift.desk, shift.desk.gateway("gw2")
    shift.gateway.disconnect()
    desk.settle()
    assert floor_lines(desk, "gw2") == 9
    assert second.newest(protocol.SetShares).shares[0].lines == 9

    shift.gateway.connect(SECRET)
    assert shift.gateway.hello().shares[0].lines == 5
    talk = protocol.CallState(call_id, "trunk1", protocol.CallPhase.BRIDGED, "operator1")
    shift.gateway.snapshot(calls=(talk,), seats=("operator1",))
    desk.settle()
    assert (floor_lines(desk, "gw1"), floor_lines(desk, "gw2")) == (5, 5)
    assert second.newest(protocol.SetShares).shares[0].lines == 5


def test_a_gateway_that_is_not_in_step_hears_of_its_share_when_it_is(shift: Shift) -> None:
    shift.talk()
    desk, second = shift.desk, shift.desk.gateway("gw2")
    shift.gateway.disconnect()
    second.disconnect()
    second.connect(SECRET)
    assert second.hello().shares[0].lines == 9
    second.commands.clear()

    shift.gateway.connect(SECRET)
    shift.gateway.hello()
    shift.gateway.snapshot(seats=("operator1",))
    desk.settle()
    assert second.newest(protocol.SetShares) is None

    second.snapshot()
    desk.settle()
    assert (floor_lines(desk, "gw1"), floor_lines(desk, "gw2")) == (5, 5)
    assert second.newest(protocol.SetShares).shares[0].lines == 5


def test_lines_a_lost_gateway_has_given_up_are_shared_within_a_second(shift: Shift) -> None:
    shift.available()
    desk, second = shift.desk, shift.desk.gateway("gw2")
    shift.gateway.disconnect()
    desk.settle()
    assert floor_lines(desk, "gw2") == 9

    desk.tick(OUT_OF_REACH_S + 1)
    second.live()
    desk.settle()
    assert floor_lines(desk, "gw2") == 10
    assert second.newest(protocol.SetShares).shares[0].lines == 10


def test_a_call_the_desk_gave_up_in_a_lost_gateway_still_has_its_line(shift: Shift) -> None:
    """The operator hangs up while the gateway is out of reach: the desk writes the end of a call
    that the carrier still holds."""
    call_id = shift.talk()
    desk, second = shift.desk, shift.desk.gateway("gw2")
    shift.gateway.disconnect()
    desk.settle()
    shift.page.do("hang_up")
    desk.settle()
    assert desk.call(call_id).ended_at is not None
    second.live()
    desk.settle()
    assert floor_lines(desk, "gw2") == 9

    shift.gateway.connect(SECRET)
    shift.gateway.hello()
    shift.gateway.snapshot(seats=("operator1",))
    shift.gateway.live()
    second.live()
    desk.settle()
    assert (floor_lines(desk, "gw1"), floor_lines(desk, "gw2")) == (5, 5)


def test_a_machine_that_is_dead_for_good_does_not_cost_its_lines_for_ever(shift: Shift) -> None:
    call_id = shift.talk()
    desk, second = shift.desk, shift.desk.gateway("gw2")
    shift.gateway.disconnect()
    desk.settle()
    shift.page.do("hang_up")
    desk.tick(HELD_S + 1)
    second.live()
    desk.settle()
    assert call_id and floor_lines(desk, "gw2") == 10
