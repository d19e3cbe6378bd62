"""Names become addresses in the order to try them, and failures change that order for a while."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence

import pytest

from softphone.sip.transport.resolution import Service, in_order, resolve
from softphone.sip.trunk.addresses import RESOLVE_AGAIN_S, TrunkAddresses
from softphone.sip.trunk.targets import MOST_RETRY_AFTER_S, PASSED_OVER_S, Targets
from tests.softphone.sip.placed_calls import trunk_settings

A, B, C = ("192.0.2.1", 5060), ("192.0.2.2", 5060), ("192.0.2.3", 5070)


class Book:
    """A name server in the test's hands. `asked` are the names looked up."""

    def __init__(self, hosts: dict[str, list[str]], services: dict[str, list[Service]]) -> None:
        self.hosts, self._services = hosts, services
        self.asked: list[str] = []

    async def services(self, name: str) -> Sequence[Service]:
        self.asked.append(name)
        if name not in self._services:
            raise OSError("no such service")
        return self._services[name]

    async def addresses(self, name: str) -> Sequence[str]:
        self.asked.append(name)
        if name not in self.hosts:
            raise OSError("no such name")
        return self.hosts[name]


def book() -> Book:
    return Book(
        {"sip.test": [A[0], B[0]], "one.test": [A[0]], "two.test": [C[0]]},
        {
            "_sip._udp.carrier.test": [
                Service(20, 1, 5070, "two.test"),
                Service(10, 1, 5060, "one.test"),
                Service(10, 0, 5060, "gone.test"),
            ],
            "_sips._tcp.carrier.test": [Service(1, 1, 5061, "one.test")],
        },
    )


async def found(host: str, port: int = 0, transport: str = "udp", names: Book | None = None):
    return await resolve(host, port, transport, names=names or book(), rng=random.Random(1))


async def test_a_name_without_a_port_is_asked_for_its_services_first() -> None:
    assert await found("carrier.test") == [A, C]
    assert await found("carrier.test", transport="tls") == [("192.0.2.1", 5061)]


async def test_a_name_with_a_port_is_not() -> None:
    names = book()
    assert await found("sip.test", 5080, names=names) == [(A[0], 5080), (B[0], 5080)]
    assert names.asked == ["sip.test"]


async def test_a_name_without_services_has_the_port_of_its_transport() -> None:
    assert await found("sip.test") == [A, B]
    assert (await found("one.test", transport="tls"))[0] == (A[0], 5061)


async def test_an_address_is_asked_of_nobody() -> None:
    names = book()
    assert await found("192.0.2.1", names=names) == [A] and not names.asked


async def test_a_name_nobody_knows_is_an_error() -> None:
    with pytest.raises(OSError, match="no such name"):
        await found("nowhere.test")


def test_weights_are_odds_within_a_priority() -> None:
    services = [Service(1, 3, 1, "a"), Service(1, 1, 1, "b"), Service(0, 0, 1, "first")]
    rng = random.Random(7)
    orders = [[each.name for each in in_order(services, rng)] for _ in range(400)]
    assert all(order[0] == "first" and len(order) == 3 for order in orders)
    assert 250 < Counter(order[1] for order in orders)["a"] < 350


def test_an_address_that_failed_goes_behind_the_others_for_a_while() -> None:
    targets = Targets([A, B])
    assert targets.best(0) == A
    targets.fail(A, 0)
    assert targets.best(1) == B
    targets.fail(B, 5)
    assert targets.best(6) == A, "the one that failed longest ago"
    assert targets.best(5 + PASSED_OVER_S) == A
    targets.succeed(A)
    assert targets.best(6) == A


def test_the_trunk_rests_only_when_every_address_asked_for_it() -> None:
    targets = Targets([A, B])
    targets.leave_alone(A, 100, 0)
    assert targets.best(1) == B and targets.rest_until(1) == 0
    targets.leave_alone(B, 50, 0)
    assert targets.rest_until(1) == 50 and targets.best(51) == B
    targets.leave_alone(A, 10**9, 0)
    targets.leave_alone(B, 10**9, 0)
    assert targets.rest_until(1) == MOST_RETRY_AFTER_S


async def test_after_a_failure_the_name_is_looked_up_again_but_not_at_every_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = book()
    settings = trunk_settings(5060, host="sip.test", allowed_hosts=("two.test",))
    addresses = TrunkAddresses(settings, names=names, rng=random.Random(1))
    await addresses.look_up()
    assert addresses.is_trunk(A[0]) and addresses.is_trunk(C[0]) and len(addresses.targets) == 2
    names.hosts["sip.test"] = ["192.0.2.9"]
    addresses.fail(addresses.best(), 503)
    assert len(addresses.targets) == 2 and names.asked.count("sip.test") == 1
    monkeypatch.setattr("softphone.sip.trunk.addresses.RESOLVE_AGAIN_S", 0.0)
    addresses.fail(addresses.best(), 503)
    assert addresses._looking is not None
    await addresses._looking
    assert addresses.best() == ("192.0.2.9", 5060) and RESOLVE_AGAIN_S > 0
