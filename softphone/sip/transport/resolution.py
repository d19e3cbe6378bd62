"""Where a trunk's name leads (RFC 3263): SRV for a name without a port, then its addresses.

The order is the order to try: by priority of SRV, within one priority by weighted lot (RFC 2782),
then the addresses of each name as the name server gives them. NAPTR is not asked: a trunk's
transport is a setting, not a discovery.
"""

from __future__ import annotations

import ipaddress
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import dns.asyncresolver
import dns.exception

from softphone.sip.transport.endpoint import resolve_ipv4
from softphone.sip.transport.transactions import Address, Transport

DEFAULT_PORTS: dict[Transport, int] = {"udp": 5060, "tcp": 5060, "tls": 5061}
_SERVICES: dict[Transport, str] = {"udp": "_sip._udp", "tcp": "_sip._tcp", "tls": "_sips._tcp"}
_LOOK_UP_S = 5.0


@dataclass(frozen=True)
class Service:
    """One SRV record."""

    priority: int
    weight: int
    port: int
    name: str


class Names(Protocol):
    """The name server. Both raise OSError when it cannot be asked or has no such name."""

    async def services(self, name: str) -> Sequence[Service]: ...

    async def addresses(self, name: str) -> Sequence[str]: ...


class SystemNames:
    """The machine's own resolver; SRV records are asked of the name servers it is set up with."""

    async def services(self, name: str) -> Sequence[Service]:
        try:
            found = await dns.asyncresolver.resolve(name, "SRV", lifetime=_LOOK_UP_S)
        except dns.exception.DNSException as fault:
            raise OSError(f"no services of {name}") from fault
        return [
            Service(each.priority, each.weight, each.port, str(each.target).rstrip("."))
            for each in found
        ]

    async def addresses(self, name: str) -> Sequence[str]:
        return await resolve_ipv4(name)


async def resolve(
    host: str, port: int, transport: Transport, *, names: Names, rng: random.Random
) -> list[Address]:
    """The addresses to try, in order; port 0 means that none was named. Raises OSError."""
    if port or _is_address(host):
        return await _of_name(host, port or DEFAULT_PORTS[transport], names)
    try:
        services = in_order(await names.services(f"{_SERVICES[transport]}.{host}"), rng)
    except OSError:
        services = []
    found: list[Address] = []
    for service in services:
        try:
            found += await _of_name(service.name, service.port, names)
        except OSError:
            continue  # one name of several; the others do
    return list(dict.fromkeys(found)) or await _of_name(host, DEFAULT_PORTS[transport], names)


async def _of_name(host: str, port: int, names: Names) -> list[Address]:
    addresses = [host] if _is_address(host) else await names.addresses(host)
    if not addresses:
        raise OSError(f"{host} has no IPv4 address")
    return [(address, port) for address in addresses]


def in_order(services: Sequence[Service], rng: random.Random) -> list[Service]:
    """By priority; within one the weights are odds, and weight 0 comes last as a rule."""
    ordered: list[Service] = []
    left = [each for each in services if each.name]
    while left:
        first = min(each.priority for each in left)
        group = [each for each in left if each.priority == first]
        left = [each for each in left if each.priority != first]
        while group:
            odds = [each.weight or 0.01 for each in group]
            chosen = rng.choices(group, odds)[0]
            group.remove(chosen)
            ordered.append(chosen)
    return ordered


def _is_address(host: str) -> bool:
    try:
        ipaddress.IPv4Address(host)
    except ValueError:
        return False
    return True
