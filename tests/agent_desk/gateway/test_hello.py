"""The desk's end of the wire: who gets in, and what a gateway is welcomed with."""

from __future__ import annotations

import pytest
from socketio.exceptions import ConnectionRefusedError as Refused

from agent_desk.dialer.ids import GatewayId
from softphone import protocol
from tests.agent_desk.gateway.newcomer import connected
from tests.agent_desk.small_desk import SmallDesk


@pytest.mark.parametrize("auth", [None, {}, {"secret": ""}, {"secret": "guess"}, {"secret": 7}])
def test_without_the_secret_no_gateway_gets_in(small_desk: SmallDesk, auth: object) -> None:
    with pytest.raises(Refused):
        small_desk.server.connect("/gateway", "sid", auth)


def test_a_gateway_is_welcomed_with_epoch_offset_and_its_share(small_desk: SmallDesk) -> None:
    welcome = connected(small_desk).hello()
    assert welcome.epoch == 1
    assert welcome.clock_offset_s == small_desk.clock.offset_s
    assert welcome.acknowledged == 0
    assert welcome.shares == (protocol.TrunkShare("trunk1", 10, 50.0),)
    gateway = small_desk.desk.commits.floor.gateways[GatewayId("gw1")]
    assert not gateway.linked, "the snapshot makes it so"
    assert not any(share.up for share in gateway.trunks.values()), "the snapshot will say"


def test_another_version_is_refused_with_a_reason(small_desk: SmallDesk) -> None:
    refusal = connected(small_desk).hello(version=2)
    assert refusal.error_id == "protocol-version"
    assert small_desk.desk.link.linked == {}


def test_a_desk_that_was_superseded_is_told_so_and_gets_no_gateway(small_desk: SmallDesk) -> None:
    gateway = connected(small_desk)
    gateway.newest_epoch = 2
    assert gateway.hello().error_id == "stale-epoch"
    assert gateway.tell(protocol.CallPlaced("c" * 32, "trunk1")) == -1


def test_who_has_not_said_hello_is_not_listened_to(small_desk: SmallDesk) -> None:
    gateway = connected(small_desk)
    assert gateway.tell(protocol.SeatUp("operator1")) == -1
    assert gateway.snapshot() == {"acknowledged": False}
    gateway.live()
    small_desk.settle()
    assert small_desk.desk.commits.floor.gateways == {}


@pytest.mark.parametrize("event", ["hello", "events", "snapshot", "liveness", "nonsense"])
@pytest.mark.parametrize("data", [None, 7, [], {}, {"type": "Hello"}, [{"type": "x"}]])
def test_what_is_not_of_the_protocol_is_answered_with_nothing(
    small_desk: SmallDesk, event: str, data: object
) -> None:
    gateway = small_desk.gateway()
    answer = gateway.send(event, data)
    assert answer in (None, {"acknowledged": 0}, {"acknowledged": -1})
    assert small_desk.desk.link.linked == {"gw1": True}


def test_stopped_campaigns_and_blocks_come_with_the_welcome(small_desk: SmallDesk) -> None:
    lead = small_desk.page("lead1", "/floor")
    lead.do("set_campaign_running", campaign_id=small_desk.campaign_id, running="stopped")
    assert connected(small_desk).hello().stopped_campaigns == (small_desk.campaign_id,)
