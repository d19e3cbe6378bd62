"""When RTCP of the trunk's leg is sent, and from where it is taken.

Reports begin when a call is joined to a seat, not before: a second socket for each attempt would
double the descriptors for figures nobody looks at. A peer that said `a=rtcp-mux` gets them on the
RTP port, and no second socket is made; all others on theirs, from the port beside ours. Where that
one is taken there are no reports, which costs figures and nothing else.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Any

from softphone.rtp.ports import PortPool
from softphone.rtp.rtcp import HeardQuality, ReportExchange, report_interval_s
from softphone.rtp.secure import SecureRtp
from softphone.rtp.stream import IncomingStream, OutgoingStream

Address = tuple[str, int]

_RECEIVE_BUFFER = 4096
# The peer's reports come every five seconds or so; figures older than three of them are none.
_STALE_S = 15.0
# One compound every few seconds is normal, and this many are no conversation any more.
_MOST_PER_S = 10


class Reporter(asyncio.DatagramProtocol):
    """The reports of one RTP socket, which is bound to `own`; `send` puts a datagram on it."""

    def __init__(
        self,
        outgoing: OutgoingStream,
        incoming: IncomingStream,
        *,
        ports: PortPool,
        own: Address,
        send: Callable[[bytes], None],
        rng: random.Random | random.SystemRandom,
    ) -> None:
        self.refused = 0
        self.secure: SecureRtp | None = None  # of the second socket: SRTCP or nothing
        self._exchange = ReportExchange(outgoing, incoming)
        self._ports = ports
        self._own = own
        self._send_beside_audio = send
        self._rng = rng
        self._loop = asyncio.get_running_loop()
        self._audio: Address | None = None
        self._remote: Address | None = None
        self._transport: asyncio.DatagramTransport | None = None
        self._opening: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._heard_at = 0.0
        self._second, self._in_second = 0, 0

    @property
    def heard(self) -> HeardQuality | None:
        """What the peer says of our stream; None when it says nothing, or has stopped to."""
        fresh = self._loop.time() - self._heard_at < _STALE_S
        return self._exchange.heard if fresh else None

    def connect(self, audio: Address, port: int) -> None:
        """The peer's audio address and the port of that host where its RTCP is."""
        self._audio, self._remote = audio, (audio[0], port)

    @property
    def shares_port(self) -> bool:
        """Whether RTCP goes over the audio's own socket."""
        return self._remote == self._audio

    def start(self) -> None:
        """Report from now on. Starting twice is harmless."""
        if self._remote is None:
            return
        if not self.shares_port and self._opening is None:
            self._opening = asyncio.create_task(self._open())
        if self._timer is None:
            self._schedule()

    def stop(self) -> None:
        """Report no more. Stopping twice is harmless."""
        if self._timer is not None:
            self._timer.cancel()
        if self._opening is not None:
            self._opening.cancel()
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    def read(self, datagram: bytes, address: Address) -> None:
        """Take in what came from `address`: only the media host is believed."""
        known = self._remote is not None and address[0] == self._remote[0]
        if not known or not self._within_rate() or not self._exchange.read(datagram):
            self.refused += 1
            return
        self._heard_at = self._loop.time()

    async def _open(self) -> None:
        host, port = self._own
        bound = self._ports.bind_beside(host, port, receive_buffer=_RECEIVE_BUFFER)
        if bound is not None:
            await self._loop.create_datagram_endpoint(lambda: self, sock=bound)

    def _schedule(self) -> None:
        self._timer = self._loop.call_later(report_interval_s(self._rng), self._report)

    def _report(self) -> None:
        self._schedule()
        if self.shares_port:
            self._send_beside_audio(self._exchange.compose())
        elif self._transport is not None and self._remote is not None:
            compound = self._exchange.compose()
            sealed = compound if self.secure is None else self.secure.seal(compound)
            if sealed is not None:
                self._transport.sendto(sealed, self._remote)

    def _within_rate(self) -> bool:
        second = int(self._loop.time())
        if second != self._second:
            self._second, self._in_second = second, 0
        self._in_second += 1
        return self._in_second <= _MOST_PER_S

    # asyncio.DatagramProtocol

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        self._ports.release(self._own[1] + 1)

    def error_received(self, error: Exception) -> None:
        """Many trunks have nothing on that port."""

    def datagram_received(self, data: bytes, address: tuple[Any, ...]) -> None:
        opened = data if self.secure is None else self.secure.open(data)
        if opened is None:
            self.refused += 1
        else:
            self.read(opened, (address[0], address[1]))
