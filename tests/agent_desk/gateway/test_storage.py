"""What could not be stored is neither acknowledged nor forgotten."""

from __future__ import annotations

from typing import Any

import pytest

from agent_desk.dialer.gateway_facts import GatewayLost, GatewaySnapshot, GatewayWelcomed
from agent_desk.dialer.ids import GatewayId
from agent_desk.services.running.group_commit import NOT_STORED, Entry
from softphone import protocol
from tests.agent_desk.gateway.newcomer import connected
from tests.agent_desk.small_desk import SmallDesk


class Storage:
    """Lets a test forbid the desk to store a kind of fact."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, desk: SmallDesk) -> None:
        self.refused = 0
        self._fact: type | None = None
        self._times = 0
        put = desk.desk.commits.put

        def guarded(command: Any, **options: Any) -> Any:
            if self._fact is None or not isinstance(command, self._fact) or self._times == 0:
                return put(command, **options)
            self._times -= 1
            self.refused += 1
            entry = Entry(command, None, None, always=False)
            entry.settle(NOT_STORED)
            return entry

        monkeypatch.setattr(desk.desk.commits, "put", guarded)

    def fails(self, fact: type, *, times: int = -1) -> None:
        self._fact, self._times = fact, times

    def works(self) -> None:
        self._fact = None


@pytest.fixture
def storage(monkeypatch: pytest.MonkeyPatch, small_desk: SmallDesk) -> Storage:
    return Storage(monkeypatch, small_desk)


def test_a_hello_that_cannot_be_stored_is_refused_and_welcome_the_next_time(
    small_desk: SmallDesk, storage: Storage
) -> None:
    gateway = connected(small_desk)
    storage.fails(GatewayWelcomed)
    assert gateway.hello().error_id == "not-stored"
    assert small_desk.desk.link.linked == {}
    assert gateway.tell(protocol.SeatUp("operator1")) == -1

    storage.works()
    again = small_desk.gateway()
    assert small_desk.desk.link.linked == {"gw1": True}
    assert again.newest_epoch == 0


def test_a_snapshot_that_could_not_be_stored_is_taken_before_the_next_events(
    small_desk: SmallDesk, storage: Storage
) -> None:
    gateway = connected(small_desk)
    gateway.hello()
    storage.fails(GatewaySnapshot, times=2)
    gateway.snapshot()
    assert small_desk.desk.link.linked == {"gw1": False}

    news = gateway.envelope(protocol.TrunkChanged("trunk1", False, "down"))
    assert gateway.deliver(news) == 0, "what came after the snapshot waits for it"
    assert gateway.deliver(news) == 1
    small_desk.settle()
    assert small_desk.desk.link.linked == {"gw1": True}
    floor = small_desk.desk.commits.floor.gateways[GatewayId("gw1")]
    assert floor.linked
    assert not any(share.up for share in floor.trunks.values()), "the newest word holds"


def test_a_gateway_with_no_news_has_its_snapshot_taken_with_the_next_liveness(
    small_desk: SmallDesk, storage: Storage
) -> None:
    gateway = connected(small_desk)
    gateway.hello()
    storage.fails(GatewaySnapshot)
    gateway.snapshot()
    gateway.live()
    assert small_desk.desk.link.linked == {"gw1": False}
    assert gateway.newest(protocol.SendSnapshot), "a snapshot that waits grows old"

    storage.works()
    gateway.live()
    assert small_desk.desk.link.linked == {"gw1": True}


def test_the_loss_of_a_gateway_is_told_until_it_is_stored(
    small_desk: SmallDesk, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(small_desk.desk.link, "_pause", pauses.append)
    gateway = small_desk.gateway()
    storage.fails(GatewayLost, times=3)
    gateway.disconnect()
    small_desk.settle()
    assert len(pauses) == storage.refused == 3
    assert not small_desk.desk.commits.floor.gateways[GatewayId("gw1")].linked


def test_a_gateway_that_came_back_is_not_told_lost_any_more(
    small_desk: SmallDesk, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = small_desk.gateway()
    monkeypatch.setattr(small_desk.desk.link, "_pause", lambda _: small_desk.gateway())
    storage.fails(GatewayLost)
    gateway.disconnect()
    assert storage.refused == 1
    assert small_desk.desk.commits.floor.gateways[GatewayId("gw1")].linked
