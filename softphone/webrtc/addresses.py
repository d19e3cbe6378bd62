"""Which of this machine's addresses a browser may try, and the error when there is none."""

from __future__ import annotations

import ipaddress

import aioice.ice

LOOPBACK = "127.0.0.1"
# A machine full of virtual bridges has dozens; each costs a socket per seat.
_AT_MOST = 8


class NoUsableAddress(OSError):
    """The machine has no address a browser could reach, and loopback is not allowed."""

    def __init__(self) -> None:
        super().__init__(
            "no network address to offer to browsers: connect a network, or let the desk "
            "listen on loopback"
        )


def host_addresses() -> list[str]:
    """Addresses of the network interfaces, without loopback and link-local ones."""
    found = aioice.ice.get_host_addresses(use_ipv4=True, use_ipv6=True)
    return [address for address in found if not ipaddress.ip_address(address).is_link_local]


def offered_addresses(*, include_loopback: bool) -> list[str]:
    """The addresses to bind a seat's sockets on. Raises `NoUsableAddress`."""
    addresses = host_addresses()[:_AT_MOST] + ([LOOPBACK] if include_loopback else [])
    if not addresses:
        raise NoUsableAddress
    return addresses
