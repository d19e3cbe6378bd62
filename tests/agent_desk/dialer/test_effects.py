"""In which order what was decided is done."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agent_desk.dialer.effects import (
    Bridge,
    Effect,
    HangUp,
    Lease,
    PlaceCall,
    ShowCallerRecord,
    StopCampaign,
    urgent_first,
)
from agent_desk.dialer.ids import CallId, CampaignId, GatewayId, SeatId

GATEWAY, SEAT = GatewayId("gw1"), SeatId("operator1")
ENDS = HangUp(CallId("new-1"), GATEWAY, "withdrawn")


def place(n: int) -> PlaceCall:
    return PlaceCall(CallId(f"new-{n}"), GATEWAY)


def test_a_customer_who_has_answered_goes_before_orders_to_call_others() -> None:
    bridge, show = Bridge(CallId("c"), SEAT, GATEWAY), ShowCallerRecord(SEAT, CallId("c"))
    decided = [place(1), place(2), bridge, show, place(3)]
    assert urgent_first(decided) == [bridge, show, place(1), place(2), place(3)]


def test_what_ends_a_call_stays_behind_the_order_that_began_it() -> None:
    bridge, stop = Bridge(CallId("c"), SEAT, GATEWAY), StopCampaign(CampaignId(1))
    assert urgent_first([place(1), ENDS, bridge]) == [place(1), ENDS, bridge]
    assert urgent_first([place(1), stop, place(2), bridge]) == [place(1), stop, bridge, place(2)]


EFFECTS: st.SearchStrategy[Effect] = st.one_of(
    st.integers(1, 4).map(place),
    st.just(ENDS),
    st.just(StopCampaign(CampaignId(1))),
    st.just(Lease(CampaignId(1), 3, None)),
    st.integers(1, 4).map(lambda n: Bridge(CallId(f"c{n}"), SEAT, GATEWAY)),
)


@given(st.lists(EFFECTS, max_size=12))
def test_nothing_is_lost_and_only_orders_to_call_are_passed(decided: list[Effect]) -> None:
    ordered = urgent_first(decided)
    assert sorted(map(repr, ordered)) == sorted(map(repr, decided))
    urgent = (Bridge, ShowCallerRecord, Lease)
    assert [e for e in ordered if not isinstance(e, PlaceCall)] == [
        e for e in decided if not isinstance(e, PlaceCall)
    ]
    assert [e for e in ordered if not isinstance(e, urgent)] == [
        e for e in decided if not isinstance(e, urgent)
    ]
