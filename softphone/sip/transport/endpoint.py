"""The sockets below a user agent: bytes in and out, nothing a message holds can end them.

`Endpoint` is the seam between a trunk and its transport; UDP is here, TCP and TLS are in
`streams.py`, and `mixed.py` joins UDP with TCP for what is too long for a datagram.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable
from typing import Protocol

from softphone.sip.messages.headers import SipParseError
from softphone.sip.transport.transactions import Address, Transport

log = logging.getLogger(__name__)
_RECEIVE_BUFFER = 4 << 20  # a burst of a few thousand messages while the loop is busy

Receive = Callable[[bytes, Address], None]


class Endpoint(Protocol):
    """Where a trunk's messages leave and arrive.

    `address` is what the bound socket calls itself, ("", 0) before `open`. `malformed` counts what
    was no SIP, `refused` what came from strangers; both were dropped without an answer.
    """

    @property
    def transport(self) -> Transport: ...

    @property
    def address(self) -> Address: ...

    @property
    def malformed(self) -> int: ...

    @property
    def refused(self) -> int: ...

    async def open(self, host: str, port: int) -> None: ...

    def send(self, data: bytes, address: Address) -> None: ...

    def close(self) -> None: ...


class Intake:
    """What is done with each message that arrives, whatever brought it."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.malformed = self.refused = 0

    def take(self, data: bytes, source: Address) -> None:
        """Hand one message up; a message that is not SIP is counted and dropped."""
        try:
            self._receive(data, source)
        except SipParseError as fault:
            self.malformed += 1
            if self.malformed & (self.malformed - 1) == 0:  # each doubling: a flood fills no disk
                log.info(
                    "dropped a message that is not SIP: %s", fault, extra={"count": self.malformed}
                )
        except Exception:  # boundary: one message must not end the signalling of every call
            self.malformed += 1
            log.exception("a message could not be handled")


class UdpEndpoint(Intake, asyncio.DatagramProtocol):
    """One bound UDP socket."""

    transport: Transport = "udp"

    def __init__(self, receive: Receive, *, allows: Callable[[str], bool]) -> None:
        super().__init__(receive)
        self._allows = allows
        self._socket: asyncio.DatagramTransport | None = None
        self.address: Address = ("", 0)

    async def open(self, host: str, port: int) -> None:
        """Bind; port 0 takes a free one. Raises OSError when the port is taken."""
        loop = asyncio.get_running_loop()
        opened, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(host, port))
        self._socket = opened
        sock: socket.socket = opened.get_extra_info("socket")
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
        except OSError:
            pass  # the system's limit is smaller; the default does
        self.address = sock.getsockname()[:2]

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def send(self, data: bytes, address: Address) -> None:
        if self._socket is not None:
            self._socket.sendto(data, address)

    def datagram_received(self, data: bytes, addr: Address) -> None:
        source = (addr[0], addr[1])
        if self._allows(source[0]):
            self.take(data, source)
        else:
            self.refused += 1

    def error_received(self, exc: Exception) -> None:
        """ICMP errors: the transactions' timers decide, a closed port may open again."""


async def resolve_ipv4(host: str) -> list[str]:
    """The IPv4 addresses of a name (or of an address itself). Raises OSError."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, None, family=socket.AF_INET, type=socket.SOCK_DGRAM)
    except (socket.gaierror, UnicodeError) as fault:  # the latter: no name at all
        raise OSError(f"name not found: {host}") from fault
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def own_address_towards(host: str, bound: str) -> str:
    """The address peers reach us at: the bound one, or the one routing picks when bound to any."""
    if bound != "0.0.0.0":
        return bound
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect((host, 9))  # connecting a UDP socket sends nothing
        return str(probe.getsockname()[0])
