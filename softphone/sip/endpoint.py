"""The UDP socket below a user agent: bytes in and out, nothing a datagram holds can end it."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable

from softphone.sip.headers import SipParseError
from softphone.sip.transactions import Address

log = logging.getLogger(__name__)
_RECEIVE_BUFFER = 4 << 20  # a burst of a few thousand messages while the loop is busy


class UdpEndpoint(asyncio.DatagramProtocol):
    """One bound socket. `malformed` and `refused` count what was dropped."""

    def __init__(
        self,
        receive: Callable[[bytes, Address], None],
        *,
        allows: Callable[[str], bool],
    ) -> None:
        self._receive, self._allows = receive, allows
        self._transport: asyncio.DatagramTransport | None = None
        self.address: Address = ("", 0)
        self.malformed = self.refused = 0

    async def open(self, host: str, port: int) -> None:
        """Bind; port 0 takes a free one. Raises OSError when the port is taken."""
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(host, port))
        self._transport = transport
        sock: socket.socket = transport.get_extra_info("socket")
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
        except OSError:
            pass  # the system's limit is smaller; the default does
        self.address = sock.getsockname()[:2]

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    def send(self, data: bytes, address: Address) -> None:
        if self._transport is not None:
            self._transport.sendto(data, address)

    def datagram_received(self, data: bytes, addr: Address) -> None:
        source = (addr[0], addr[1])
        if not self._allows(source[0]):
            self.refused += 1
            return
        try:
            self._receive(data, source)
        except SipParseError as fault:
            self.malformed += 1
            log.info("dropped a message that is not SIP: %s", fault)
        except Exception:  # boundary: one datagram must not end the signalling of every call
            self.malformed += 1
            log.exception("a message could not be handled")

    def error_received(self, exc: Exception) -> None:
        """ICMP errors: the transactions' timers decide, a closed port may open again."""


async def resolve_ipv4(host: str) -> list[str]:
    """The IPv4 addresses of a name (or of an address itself). Raises OSError."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, None, family=socket.AF_INET, type=socket.SOCK_DGRAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def own_address_towards(host: str, bound: str) -> str:
    """The address peers reach us at: the bound one, or the one routing picks when bound to any."""
    if bound != "0.0.0.0":
        return bound
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect((host, 9))  # connecting a UDP socket sends nothing
        return str(probe.getsockname()[0])
