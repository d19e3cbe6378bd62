"""Every implementation of a port, quiet ones included, has its methods and signatures."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from agent_desk.clock import SystemClock
from agent_desk.gateway.link import GatewayLink
from agent_desk.hub import ThreadHub
from agent_desk.services import ports
from agent_desk.sockets.publisher import SocketPublisher
from tests.fakes.clock import FakeClock
from tests.fakes.gateway import QuietGateway
from tests.fakes.hub import StillHub
from tests.fakes.publisher import QuietPublisher

IMPLEMENTATIONS = [
    (ports.Clock, SystemClock),
    (ports.Clock, FakeClock),
    (ports.Hub, ThreadHub),
    (ports.Hub, StillHub),
    (ports.GatewayPort, GatewayLink),
    (ports.GatewayPort, QuietGateway),
    (ports.Publisher, SocketPublisher),
    (ports.Publisher, QuietPublisher),
]


def members(port: type) -> dict[str, Any]:
    """What a port asks for."""
    return {name: of for name, of in vars(port).items() if not name.startswith("_")}


def test_every_port_has_the_products_implementation_and_a_quiet_one() -> None:
    asked = {
        of for of in vars(ports).values() if isinstance(of, type) and getattr(of, "_is_protocol", 0)
    }
    assert {port for port, _ in IMPLEMENTATIONS} == asked - {type(None)} - _imported(asked)
    for port in asked - _imported(asked):
        modules = {of.__module__.split(".")[0] for each, of in IMPLEMENTATIONS if each is port}
        assert modules == {"agent_desk", "tests"}, port


def _imported(kinds: set[type]) -> set[type]:
    """Those a module merely imported, like `Protocol` itself."""
    return {kind for kind in kinds if kind.__module__ != ports.__name__}


@pytest.mark.parametrize(
    ("port", "implementation"),
    IMPLEMENTATIONS,
    ids=lambda each: each.__name__,
)
def test_an_implementation_has_the_ports_methods_and_signatures(
    port: type, implementation: type
) -> None:
    for name, asked in members(port).items():
        there = inspect.getattr_static(implementation, name, None)
        assert there is not None, f"{implementation.__name__} has no {name}"
        if isinstance(asked, property):
            assert isinstance(there, property)
            continue
        wanted, given = (_parameters(each) for each in (asked, there))
        assert wanted == given, f"{implementation.__name__}.{name}"


def _parameters(function: Any) -> list[tuple[str, Any, Any]]:
    return [
        (parameter.name, parameter.kind, parameter.default)
        for parameter in inspect.signature(function).parameters.values()
    ]
