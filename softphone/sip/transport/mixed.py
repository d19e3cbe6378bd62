"""UDP, and TCP for requests too long for a datagram (RFC 3261 §18.1.1).

A fragmented datagram is lost whole when a firewall drops one part, which many do. So a request
longer than `MOST_DATAGRAM` goes by TCP where the carrier has that; its Via says so, and by the Via
both directions are told apart here. A carrier that turns out not to take TCP gets what was to be
sent by UDP after all, and is not asked again.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable

from softphone.sip.messages.message import Message
from softphone.sip.transport.endpoint import Receive, UdpEndpoint
from softphone.sip.transport.streams import StreamEndpoint
from softphone.sip.transport.transactions import Address, Transport

log = logging.getLogger(__name__)
MOST_DATAGRAM = 1300  # octets; §18.1.1 when the path's MTU is not known
_PORTS_TRIED = 20
_VIA = re.compile(rb"\r\n(?:Via|v)[ \t]*:[ \t]*SIP[ \t]*/[ \t]*2\.0[ \t]*/[ \t]*(\w+)", re.I)


class MixedEndpoint:
    """A UDP socket and a TCP listener on the same port."""

    transport: Transport = "udp"

    def __init__(self, receive: Receive, *, allows: Callable[[str], bool]) -> None:
        self._udp = UdpEndpoint(receive, allows=allows)
        self._tcp = StreamEndpoint(receive, allows=allows, on_lost=self._lost)
        self._takes_tcp = True

    @property
    def address(self) -> Address:
        return self._udp.address

    @property
    def malformed(self) -> int:
        return self._udp.malformed + self._tcp.malformed

    @property
    def refused(self) -> int:
        return self._udp.refused + self._tcp.refused

    async def open(self, host: str, port: int) -> None:
        """Bind both; with port 0 one that is free for both. Raises OSError."""
        for tries_left in range(_PORTS_TRIED, -1, -1):
            await self._udp.open(host, port)
            try:
                await self._tcp.open(*self._udp.address)
                return
            except OSError:
                self._udp.close()
                if port or not tries_left:
                    raise

    def close(self) -> None:
        self._udp.close()
        self._tcp.close()

    def adapt(self, request: Message) -> None:
        """Choose the transport of a request that is ready to be sent."""
        via = request.get("via")
        if self._takes_tcp and len(bytes(request)) > MOST_DATAGRAM:
            request.headers["via"] = [via.replace("/UDP ", "/TCP ", 1)]

    def send(self, data: bytes, address: Address) -> None:
        via = _VIA.search(data)
        over_tcp = via is not None and via[1].upper() == b"TCP"
        (self._tcp if over_tcp else self._udp).send(data, address)

    def _lost(self, address: Address, reason: str, unsent: list[bytes]) -> None:
        """What was waiting for a connection that cannot be had goes by UDP, once."""
        if unsent:
            self._takes_tcp = False
            log.warning("the trunk takes no TCP: long requests go by UDP")
        for data in unsent:
            via = _VIA.search(data)
            if via is not None:
                self._udp.send(data[: via.start(1)] + b"UDP" + data[via.end(1) :], address)
