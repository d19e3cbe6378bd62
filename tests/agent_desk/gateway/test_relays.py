"""A call on one gateway and its seat on another: what the desk tells both of them."""

from __future__ import annotations

import base64

import pytest
from sqlalchemy import select

from agent_desk.dialer.floor import CallState, SeatState
from agent_desk.dialer.ids import CallId, GatewayId, SeatId
from agent_desk.gateway.placement import choose
from agent_desk.gateway.rates import SETTLE_S
from agent_desk.models.results import Callback
from agent_desk.services.ports import GatewayRefused, GatewayUnreachable
from softphone import protocol
from tests.agent_desk.small_desk import Shift, SmallDesk, ended
from tests.fakes.gateway import WireGateway

HERE, THERE = "127.0.0.1:7001", "127.0.0.1:7002"


class TwoGateways:
    """gw1 has the trunk's calls; the operator's audio is at gw2."""

    def __init__(self, desk: SmallDesk) -> None:
        self.desk = desk
        self.host = desk.gateway("gw1", relay_address=HERE)
        self.lender = desk.gateway("gw2", relay_address=THERE)
        self.shift = Shift(desk, self.lender, desk.page("operator1"))
        desk.tick(SETTLE_S)
        for gateway in (self.host, self.lender):
            gateway.live()
        desk.settle()
        self.lender.tell(protocol.SeatUp("operator1"))
        self.shift.page.do("device_passed", level_dbfs=-30.0)
        self.shift.alive()

    def call(self) -> str:
        """The operator goes available, and a call placed through gw1 is answered."""
        # The lender's trunk is down, so that the call is certainly the host's.
        self.lender.tell(protocol.TrunkChanged("trunk1", False, "test"))
        self.shift.alive()
        self.shift.page.do("go_available")
        self.desk.tick()
        ordered = self.host.newest(protocol.PlaceCall)
        assert ordered is not None, self.desk.desk.commits.floor.why
        call_id = str(ordered.call_id)
        self.host.tell(
            protocol.CallPlaced(call_id, "trunk1"),
            protocol.CallAnswered(call_id),
            protocol.CallScreened(call_id, protocol.Verdict.HUMAN, 600, True, "voice"),
        )
        self.desk.settle()
        return call_id


@pytest.fixture
def two(small_desk: SmallDesk) -> TwoGateways:
    return TwoGateways(small_desk)


def relay_of(gateway: WireGateway) -> protocol.OpenRelay:
    command = gateway.newest(protocol.OpenRelay)
    assert isinstance(command, protocol.OpenRelay)
    return command


def test_both_gateways_are_told_of_each_other_and_then_the_call_is_joined(
    two: TwoGateways,
) -> None:
    call_id = two.call()
    host, lender = relay_of(two.host), relay_of(two.lender)
    assert (host.hosts_call, lender.hosts_call) == (True, False)
    assert (host.local, host.remote) == (HERE, THERE)
    assert (lender.local, lender.remote) == (THERE, HERE)
    assert (host.send_ssrc, host.receive_ssrc) == (lender.receive_ssrc, lender.send_ssrc)
    assert host.send_ssrc != host.receive_ssrc
    assert host.key == lender.key and len(base64.b64decode(host.key)) == 30
    joined = two.host.newest(protocol.Bridge)
    assert (joined.call_id, joined.seat_id) == (call_id, "operator1")
    assert two.lender.newest(protocol.Bridge) is None
    two.host.tell(protocol.CallBridged(call_id, "operator1", 800))
    two.desk.settle()
    assert two.desk.seat().state is SeatState.TALKING


def test_each_relay_has_a_key_of_its_own(two: TwoGateways) -> None:
    two.host.refuse["Bridge"] = "seat_silent"
    two.call()
    first = relay_of(two.host).key
    del two.host.refuse["Bridge"]
    two.shift.alive()
    two.desk.tick()
    assert relay_of(two.host).key != first


@pytest.mark.parametrize("who", ["host", "lender"])
def test_a_refusal_of_either_is_a_refused_bridge_and_leaves_no_relay(
    two: TwoGateways, who: str
) -> None:
    getattr(two, who).refuse["OpenRelay"] = "relay_unreachable"
    call_id = two.call()
    assert two.host.newest(protocol.Bridge) is None
    for gateway in (two.host, two.lender):
        assert gateway.newest(protocol.CloseRelay).relay_id == relay_of(gateway).relay_id
    call = two.desk.call(call_id)
    assert (call.state, call.seat_id) == (CallState.WAITING, None)
    assert two.desk.seat().state is SeatState.AVAILABLE


def test_a_bridge_the_host_refuses_takes_the_relay_down(two: TwoGateways) -> None:
    two.host.refuse["Bridge"] = "call_unknown"
    two.call()
    for gateway in (two.host, two.lender):
        assert gateway.newest(protocol.CloseRelay).relay_id == relay_of(gateway).relay_id


@pytest.mark.parametrize("end", ["ended", "treated"])
def test_with_the_call_the_relay_is_over(two: TwoGateways, end: str) -> None:
    call_id = two.call()
    two.host.tell(protocol.CallBridged(call_id, "operator1", 800))
    news = (
        ended(call_id)
        if end == "ended"
        else protocol.CallTreated(call_id, protocol.Prompt.APOLOGY, 9000)
    )
    two.host.tell(news)
    two.desk.settle()
    assert two.lender.newest(protocol.CloseRelay).relay_id == relay_of(two.lender).relay_id


def test_mute_is_for_the_seats_gateway_and_hold_and_hang_up_for_the_calls(
    two: TwoGateways,
) -> None:
    call_id = two.call()
    two.host.tell(protocol.CallBridged(call_id, "operator1", 800))
    two.desk.settle()
    two.shift.page.do("mute", on=True)
    two.shift.page.do("hold", on=True)
    two.shift.page.do("hang_up")
    assert two.lender.newest(protocol.Mute) == protocol.Mute("operator1", True)
    assert two.host.newest(protocol.Mute) is None
    assert two.host.newest(protocol.Hold) == protocol.Hold(call_id, True)
    assert two.host.newest(protocol.HangUp).call_id == call_id
    assert two.lender.newest(protocol.HangUp) is None
    two.host.tell(ended(call_id))
    two.desk.settle()
    assert two.lender.newest(protocol.Mute) == protocol.Mute("operator1", False)


def test_a_host_that_is_started_anew_has_lost_the_call_and_the_seat_is_free(
    two: TwoGateways,
) -> None:
    call_id = two.call()
    two.host.tell(protocol.CallBridged(call_id, "operator1", 800))
    two.desk.settle()
    two.host.disconnect()
    two.desk.gateway("gw1", boot_id="boot2", relay_address=HERE)
    assert two.desk.seat().state is SeatState.WRAP_UP
    assert two.lender.newest(protocol.CloseRelay) is not None


def test_a_lender_that_is_started_anew_leaves_the_call_to_the_host(two: TwoGateways) -> None:
    call_id = two.call()
    two.host.tell(protocol.CallBridged(call_id, "operator1", 800))
    two.desk.settle()
    two.lender.disconnect()
    two.desk.gateway("gw2", boot_id="boot2", relay_address=THERE)
    assert two.desk.call(call_id).state is CallState.BRIDGED
    assert not two.desk.seat().link.media_up
    two.host.tell(protocol.SeatSilent(call_id, "operator1", True))
    two.host.tell(protocol.CallTreated(call_id, protocol.Prompt.APOLOGY, 20_000))
    two.host.tell(ended(call_id, by=protocol.EndedBy.GATEWAY, seat_lost=True))
    two.desk.settle()
    assert two.desk.call(call_id).outcome == "seat_lost"
    with two.desk.desk.database.read() as session:
        owed = session.execute(select(Callback.call_id, Callback.cause, Callback.state)).all()
    assert owed == [(call_id, "seat_lost", "open")]


def test_a_seat_whose_lender_died_comes_back_where_its_customer_is(two: TwoGateways) -> None:
    call_id = two.call()
    two.host.tell(protocol.CallBridged(call_id, "operator1", 800))
    two.desk.settle()
    two.shift.page.do("mute", on=True)
    two.lender.disconnect()
    left = (GatewayId("gw0"), GatewayId("gw1"))
    assert choose(two.desk.desk.commits.floor, left, SeatId("operator1")) == "gw1"
    two.host.tell(protocol.SeatUp("operator1"))
    two.desk.settle()
    assert two.host.newest(protocol.Mute) == protocol.Mute("operator1", True)
    assert two.desk.seat().link.media_up


def test_a_desk_that_comes_back_knows_the_lent_seat_from_the_snapshot(two: TwoGateways) -> None:
    call_id = two.call()
    two.host.tell(protocol.CallBridged(call_id, "operator1", 800))
    two.desk.settle()
    for gateway in (two.host, two.lender):
        gateway.disconnect()
    two.desk.settle()
    talk = protocol.CallState(call_id, "trunk1", protocol.CallPhase.BRIDGED, "operator1")
    for gateway, state in (
        (two.host, {"calls": (talk,)}),
        (two.lender, {"seats": ("operator1",)}),
    ):
        gateway.connect("shared by desk and gateway")
        gateway.hello()
        gateway.snapshot(**state)  # type: ignore[arg-type]
    two.desk.settle()
    assert two.desk.call(call_id).state is CallState.BRIDGED
    assert two.desk.seat().gateway_id == "gw2"
    assert two.desk.seat().link.media_up


def test_gateways_without_a_relay_address_serve_their_own_calls_only(
    small_desk: SmallDesk,
) -> None:
    two = TwoGateways(small_desk)
    two.lender.relay_address = ""
    two.lender.disconnect()
    two.lender.connect("shared by desk and gateway")
    two.lender.hello()
    two.lender.snapshot(seats=("operator1",))
    two.desk.settle()
    call_id = two.call()
    assert two.host.newest(protocol.OpenRelay) is None
    assert two.desk.call(call_id).state is CallState.WAITING


# --- what a gateway that takes nothing new means ------------------------------------------------


def test_an_overloaded_gateway_gets_no_call_and_no_seat_and_leads_read_why(
    two: TwoGateways,
) -> None:
    for gateway in (two.host, two.lender):
        gateway.overloaded = True
        gateway.live()
    two.shift.alive()
    two.shift.page.do("go_available")
    two.desk.tick()
    assert two.host.newest(protocol.PlaceCall) is None
    assert two.lender.newest(protocol.PlaceCall) is None
    why = next(iter(two.desk.desk.commits.floor.why.values()))
    assert why.reason == "gateway-overloaded"
    with pytest.raises(GatewayRefused) as refused:
        two.desk.desk.link.open_seat(SeatId("operator2"), "v=0")
    assert refused.value.error_id == "gateway_overloaded"
    two.host.overloaded = False
    two.host.live()
    two.desk.settle()
    assert two.desk.desk.link.open_seat(SeatId("operator2"), "v=0") == "v=0 answer"
    assert two.host.newest(protocol.OpenSeat) is not None


def test_free_seats_move_away_from_a_gateway_that_leaves_and_talking_ones_do_not(
    two: TwoGateways,
) -> None:
    call_id = two.call()
    two.host.tell(protocol.CallBridged(call_id, "operator1", 800))
    two.desk.settle()
    two.lender.draining = True
    two.shift.alive()
    assert two.lender.newest(protocol.CloseSeat) is None
    both = (GatewayId("gw1"), GatewayId("gw2"))
    assert choose(two.desk.desk.commits.floor, both, SeatId("operator1")) == "gw2", "a reload"
    two.host.tell(ended(call_id))
    two.desk.settle()
    two.shift.alive()
    assert two.lender.newest(protocol.CloseSeat).seat_id == "operator1"
    two.lender.tell(protocol.SeatDown("operator1", "closed by the desk"))
    two.desk.settle()
    assert two.desk.desk.link.open_seat(SeatId("operator1"), "v=0") == "v=0 answer"
    assert two.host.newest(protocol.OpenSeat).seat_id == "operator1"
    two.host.tell(protocol.SeatUp("operator1"))
    two.desk.settle()
    assert two.desk.seat().gateway_id == "gw1"
    two.lender.tell(protocol.SeatDown("operator1", "late news"))
    two.desk.settle()
    assert two.desk.seat().link.media_up, "of the leg it had before"


def test_the_last_gateway_keeps_its_seats_while_it_drains_and_says_why(
    small_desk: SmallDesk,
) -> None:
    shift = Shift.begin(small_desk)
    shift.gateway.draining = True
    shift.alive()
    shift.page.do("go_available")
    small_desk.tick()
    assert shift.gateway.newest(protocol.CloseSeat) is None
    assert shift.gateway.newest(protocol.PlaceCall) is None
    why = next(iter(small_desk.desk.commits.floor.why.values()))
    assert why.reason == "gateway-draining"


def test_the_goodbye_of_a_drained_gateway_alarms_nobody(two: TwoGateways) -> None:
    lead = two.desk.page("lead1", "/floor")
    lead.follow()
    two.host.draining = True
    two.host.live()
    two.host.disconnect()
    two.desk.settle()
    lead.follow()
    assert lead.notices == []
    assert "gw1" not in lead.fresh()["gateways"]
    two.desk.gateway("gw1", boot_id="boot2", relay_address=HERE)
    lead.follow()
    assert lead.notices == []
    assert not two.desk.desk.commits.floor.gateways[GatewayId("gw1")].draining
    two.lender.disconnect()
    two.desk.settle()
    lead.follow()
    assert lead.notices == ["gateway-lost"]


def test_metrics_show_how_each_gateway_is(two: TwoGateways) -> None:
    two.call()
    two.lender.draining = True
    two.host.refused = (protocol.RefusedCalls("on_the_line", 3),)
    two.shift.alive()
    two.host.live()
    lines = two.desk.client().get("/metrics").get_data(as_text=True).splitlines()
    assert 'desk_gateway_draining{gateway="gw2"} 1.0' in lines
    assert 'desk_gateway_overloaded{gateway="gw1"} 0.0' in lines
    assert 'desk_gateway_loop_lag_seconds{gateway="gw1"} 0.001' in lines
    assert 'desk_gateway_calls{gateway="gw1"} 1.0' in lines
    assert 'desk_gateway_seats{gateway="gw2"} 1.0' in lines
    assert 'desk_gateway_lines{gateway="gw1",trunk="trunk1"} 0.0' in lines
    assert 'desk_gateway_sip_transactions{gateway="gw1",trunk="trunk1"} 2.0' in lines
    assert 'desk_gateway_sip_dialogs{gateway="gw1",trunk="trunk1"} 1.0' in lines
    assert 'desk_gateway_callers_turned_away{gateway="gw1",trunk="trunk1"} 0.0' in lines
    assert 'desk_gateway_callers_refused{gateway="gw1",reason="on_the_line"} 3.0' in lines
    two.host.disconnect()
    text = two.desk.client().get("/metrics").get_data(as_text=True)
    assert 'desk_gateway_draining{gateway="gw1"}' not in text


def test_a_seat_that_has_no_leg_cannot_be_tested(two: TwoGateways) -> None:
    with pytest.raises(GatewayUnreachable):
        two.desk.desk.link.test_seat(SeatId("operator2"), "tone")
    assert CallId("none") not in two.desk.desk.commits.floor.calls
