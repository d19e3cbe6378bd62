"""A call goes on to the next trunk for the trunk's faults only, and never past its last look."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from agent_desk.gateway.shares import split
from softphone.protocol import CallRerouted, Event, TrunkShare
from softphone.routing.routed_call import Detours, NotPlaced, RoutedCall
from softphone.routing.toll_guard import TollGuard, TollRules
from softphone.routing.trunks import Trunks
from softphone.sip.calls.outbound import OutboundInvite
from tests.fakes.trunk import FakeTrunk
from tests.softphone.sip.placed_calls import HeardCall


class Yard:
    """Trunks t1, t2, … of one gateway, the test being every carrier."""

    def __init__(self, *names: str, lines: int = 5) -> None:
        self.events: list[Event] = []
        rules = [TollRules(name, allowed=("+81",), denied=("+81990",)) for name in names]
        self.trunks = Trunks(self.events.append, TollGuard(rules))
        self.made = {name: FakeTrunk(name, lines=lines) for name in names}
        for name, trunk in self.made.items():
            full = TrunkShare(name, lines, 5.0)
            self.trunks.add(full, lambda on_state, made=trunk: made, orphans=lambda: 0)
        self.may_leave = True

    def place(
        self, *trunk_ids: str, call_id: str = "c1", number: str = "+81901230001"
    ) -> tuple[HeardCall, RoutedCall]:
        heard = HeardCall()
        invite = OutboundInvite(call_id, number, "", "offer", 20)
        first, *others = trunk_ids
        detours = Detours(tuple(others), lambda: self.may_leave, lambda each: f"offer for {each}")
        return heard, self.trunks.place(first, invite, heard, detours=detours)

    def count(self, name: str) -> int:
        return len(self.made[name].placed)

    @property
    def rerouted(self) -> list[CallRerouted]:
        return [event for event in self.events if isinstance(event, CallRerouted)]


@pytest.fixture
async def yard() -> AsyncIterator[Yard]:
    yard = Yard("t1", "t2", "t3")
    yield yard
    await yard.trunks.stop(within_s=0.1)


async def turn() -> None:
    for _ in range(4):
        await asyncio.sleep(0)


@pytest.mark.parametrize("code", [408, 500, 503, 504])
async def test_a_trunk_that_cannot_is_followed_by_the_next(yard: Yard, code: int) -> None:
    heard, _ = yard.place("t1", "t2")
    yard.made["t1"].placed[0].refuse(code)
    await turn()
    assert not heard.endings and yard.rerouted == [CallRerouted("c1", "t2", code, "")]
    second = yard.made["t2"].placed[0]
    assert second.invite.sdp == "offer for t2"
    second.ring()
    second.answer()
    assert heard.answers == ["answer"]


@pytest.mark.parametrize("code", [403, 404, 480, 486, 487, 600, 603])
async def test_what_the_customer_said_is_final(yard: Yard, code: int) -> None:
    heard, _ = yard.place("t1", "t2")
    yard.made["t1"].placed[0].refuse(code)
    await turn()
    assert heard.ending.code == code and yard.count("t2") == 0


async def test_busy_in_the_carriers_wrapping_is_final_too(yard: Yard) -> None:
    heard, _ = yard.place("t1", "t2")
    yard.made["t1"].placed[0].refuse(503, q850=17)
    assert heard.ending.q850 == 17 and yard.count("t2") == 0


async def test_a_call_that_rang_is_not_placed_again(yard: Yard) -> None:
    heard, _ = yard.place("t1", "t2")
    yard.made["t1"].placed[0].ring()
    yard.made["t1"].placed[0].refuse(503)
    await turn()
    assert heard.ending.rang and yard.count("t2") == 0


async def test_the_last_trunk_has_the_last_word(yard: Yard) -> None:
    heard, _ = yard.place("t1", "t2", "t3")
    yard.made["t1"].placed[0].stay_silent()
    await turn()
    yard.made["t2"].placed[0].refuse(500)
    await turn()
    yard.made["t3"].placed[0].refuse(503, "full")
    await turn()
    assert (heard.ending.code, heard.ending.reason) == (503, "full")
    assert [event.trunk_id for event in yard.rerouted] == ["t2", "t3"]


async def test_a_trunk_that_is_down_or_full_is_passed_by_at_once(yard: Yard) -> None:
    yard.made["t1"].refuse = "down"
    yard.made["t2"].refuse = "lines"
    heard, _ = yard.place("t1", "t2", "t3")
    assert yard.count("t3") == 1 and not heard.endings
    assert yard.rerouted == [CallRerouted("c1", "t3", None, "")]


async def test_when_no_trunk_takes_it_the_first_ones_reason_is_told(yard: Yard) -> None:
    yard.made["t1"].refuse, yard.made["t2"].refuse = "lines", "down"
    with pytest.raises(NotPlaced) as refused:
        yard.place("t1", "t2")
    assert refused.value.refusal.error_id == "no_line"


async def test_nothing_leaves_after_its_last_look(yard: Yard) -> None:
    heard, _ = yard.place("t1", "t2")
    yard.may_leave = False
    yard.made["t1"].placed[0].refuse(503)
    await turn()
    assert heard.ending.code == 503 and yard.count("t2") == 0


async def test_hung_up_between_two_trunks_it_goes_nowhere(yard: Yard) -> None:
    heard, call = yard.place("t1", "t2")
    yard.made["t1"].placed[0].refuse(503)
    call.hang_up("campaign_stopped")
    await turn()
    assert (heard.ending.code, heard.ending.by) == (487, "local") and yard.count("t2") == 0


async def test_hanging_up_reaches_the_trunk_it_is_on(yard: Yard) -> None:
    _, call = yard.place("t1", "t2")
    yard.made["t1"].placed[0].refuse(503)
    await turn()
    call.hang_up("operator")
    assert yard.made["t2"].placed[0].causes == ["operator"]


async def test_each_address_of_a_trunk_is_tried_before_the_next_trunk(yard: Yard) -> None:
    yard.made["t1"].addresses = 2
    yard.place("t1", "t2")
    for expected in (1, 2):
        assert yard.count("t1") == expected and yard.count("t2") == 0
        yard.made["t1"].placed[-1].stay_silent()
        await turn()
    assert (yard.count("t1"), yard.count("t2")) == (2, 1)
    assert [event.trunk_id for event in yard.rerouted] == ["t2"]


async def test_keys_and_transfers_reach_whichever_trunk_carries_it(yard: Yard) -> None:
    heard, call = yard.place("t1", "t2")
    keys: list[str] = []
    call.on_digit = lambda digit, duration_ms: keys.append(digit)
    yard.made["t1"].placed[0].refuse(503)
    await turn()
    sip = yard.made["t2"].placed[0]
    sip.answer()
    sip.on_digit("5", 100)
    assert keys == ["5"] and heard.answers
    assert call.refer("+81312340000", lambda result: None)
    assert sip.referred[0][0] == "+81312340000"
    with pytest.raises(NotPlaced) as refused:
        call.refer("+81990123456", lambda result: None)
    assert refused.value.refusal.error_id == "prefix_not_allowed" and len(sip.referred) == 1


async def test_two_gateways_keep_within_each_trunks_lines_with_every_call_rerouted() -> None:
    """The desk splits; each gateway holds every INVITE to its share, also those that moved on."""
    full = [TrunkShare("t1", 5, 4.0), TrunkShare("t2", 3, 2.0)]
    yards = {name: Yard("t1", "t2") for name in ("gw1", "gw2")}
    for name, shares in split(full, list(yards), {}).items():
        yards[name].trunks.set_shares(shares)
    most = {"t1": 0, "t2": 0}
    ended = 0
    for number in range(60):
        yard = list(yards.values())[number % 2]
        try:
            yard.place(*(("t1", "t2") if number % 3 else ("t2", "t1")), call_id=f"c{number}")
        except NotPlaced:
            ended += 1
        if number % 4 == 0:
            for each in yards.values():
                for call in each.made["t1"].placed[-1:]:
                    call.refuse(503)
        await turn()
        for trunk_id in most:
            in_use = sum(each.made[trunk_id].lines_in_use for each in yards.values())
            most[trunk_id] = max(most[trunk_id], in_use)
    assert most == {"t1": 5, "t2": 3} and ended > 0
    rates = [sum(yard.made[name].limits[1] for yard in yards.values()) for name in most]
    assert rates == [4.0, 2.0]
    for yard in yards.values():
        await yard.trunks.stop(within_s=0.1)


async def test_the_number_really_shown_is_told_trunk_by_trunk(yard: Yard) -> None:
    ours = {"t1": "0312340001", "t2": "0312340002"}
    for name, number in ours.items():
        trunk = yard.made[name]
        trunk.settings = replace(trunk.settings, caller_ids=(number,))
    _, call = yard.place("t1", "t2", "t3")
    assert call.caller_id == ours["t1"], "nobody asked for one of its own"
    yard.made["t1"].placed[0].refuse(503)
    await turn()
    hidden = {"caller_id": "05012340003", "privacy": "id"}
    yard.made["t3"].settings = replace(yard.made["t3"].settings, **hidden)  # type: ignore[arg-type]
    yard.made["t2"].placed[0].refuse(503)
    await turn()
    assert [event.caller_id for event in yard.rerouted] == [ours["t2"], ""], "the last hides it"
