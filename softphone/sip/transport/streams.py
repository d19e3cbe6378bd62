"""SIP over TCP and TLS (RFC 3261 §18): connections kept, found again, and closed for their faults.

* A request goes out on the connection to its address, or opens one; when that cannot be had but
  another connection to the same host stands, it takes that (a Contact behind the carrier's border
  may name a port nobody can reach). A response goes back on the connection of its request.
* The carrier may connect to us: only its addresses get past `accept`, before a byte is read.
* Garbage closes the connection it came on. A peer that has ever answered a keep-alive (RFC 5626
  §4.4.1) and stops doing so is gone, and so is one that takes nothing off our hands.
* Where no more connections are taken, the oldest that has not brought one whole message yet gives
  way: who opens many and says nothing, or says it octet by octet, keeps nobody else out.

What a lost connection means for calls is not decided here: `on_lost` tells.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable, Coroutine
from typing import Any

from softphone.sip.messages.framing import PING, PONG, Framer, FramingError
from softphone.sip.transport.endpoint import Intake, Receive
from softphone.sip.transport.tls import TlsFiles, fault_text
from softphone.sip.transport.transactions import Address, Transport

log = logging.getLogger(__name__)
CONNECT_S = 4.0
KEEP_ALIVE_S = 30.0  # NAT bindings of TCP live for minutes; RFC 5626 asks for 95 to 120 s at most
PONG_WITHIN_S = 10.0
MOST_ACCEPTED = 32  # connections of the carrier; a pool of border controllers has a few
_MOST_UNSENT = 1 << 20
_QUEUED = 64  # messages waiting for a connection
_ACCEPT_AGAIN_S = 0.5  # after the system had no descriptor left for a new one

OnLost = Callable[[Address, str, list[bytes]], None]  # where, why, what could not be sent


class Connection(asyncio.Protocol):
    """One stream. `peer` is the address it is known by: where we connected to, or who connected."""

    def __init__(self, endpoint: StreamEndpoint, peer: Address) -> None:
        self.peer = peer
        self._endpoint = endpoint
        self._framer = Framer()
        self._stream: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._ponged = False
        self.greeting: asyncio.Task[None] | None = None  # of one the carrier made: its TLS
        self.proven = False  # it has brought a message, or was made by us

    @property
    def local_port(self) -> int:
        return self._stream.get_extra_info("sockname")[1] if self._stream else 0

    def send(self, data: bytes) -> None:
        if self._stream is not None:
            self._stream.write(data)

    def close(self) -> None:
        if self._stream is not None:
            self._stream.abort()
        elif self.greeting is not None:
            self.greeting.cancel()

    # asyncio.Protocol

    def connection_made(self, transport: Any) -> None:
        self._stream = transport
        transport.set_write_buffer_limits(high=_MOST_UNSENT)
        sock = transport.get_extra_info("socket")
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # A peer whose machine has died acknowledges nothing; the kernel alone would wait minutes.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 20_000)
        self._timer = self._endpoint.loop.call_later(KEEP_ALIVE_S, self._ping)

    def data_received(self, data: bytes) -> None:
        try:
            messages = self._framer.feed(data)
        except FramingError as fault:
            self._endpoint.malformed += 1
            log.info("a connection is closed: %s", fault)
            self.close()
            return
        self.send(PONG * self._framer.take_pings())
        self._ponged = self._ponged or bool(self._framer.pongs)
        self.proven = self.proven or bool(messages)
        for message in messages:
            self._endpoint.take(message, self.peer)

    def pause_writing(self) -> None:
        log.warning("a peer takes nothing off our hands, its connection is closed")
        self.close()

    def connection_lost(self, error: Exception | None) -> None:
        self._stream = None
        if self._timer is not None:
            self._timer.cancel()
        self._endpoint.forget(self, "the connection was closed" if not error else fault_text(error))

    def _ping(self) -> None:
        self._framer.pongs = 0
        self.send(PING)
        self._timer = self._endpoint.loop.call_later(PONG_WITHIN_S, self._look_for_pong)

    def _look_for_pong(self) -> None:
        if self._ponged and not self._framer.pongs:
            log.info("a peer has stopped answering keep-alives")
            self.close()
            return
        self._timer = self._endpoint.loop.call_later(KEEP_ALIVE_S - PONG_WITHIN_S, self._ping)


class StreamEndpoint(Intake):
    """All connections of one trunk; with `tls` its certificate is checked against `server_name`.

    Without a certificate of our own a TLS endpoint takes no connections, it only makes them.
    `on_lost`: a connection ended, or could not be made for what was to be sent.
    """

    def __init__(
        self,
        receive: Receive,
        *,
        allows: Callable[[str], bool],
        tls: TlsFiles | None = None,
        server_name: str = "",
        on_lost: OnLost = lambda address, reason, unsent: None,
    ) -> None:
        super().__init__(receive)
        self.transport: Transport = "tls" if tls is not None else "tcp"
        self.address: Address = ("", 0)
        self.on_lost = on_lost
        self._allows, self._tls, self._server_name = allows, tls, server_name
        self._client: ssl.SSLContext | None = None
        self._server: ssl.SSLContext | None = None
        self._bound = "0.0.0.0"
        self._listener: socket.socket | None = None
        self._connections: dict[Address, Connection] = {}
        self._waiting: dict[Address, list[bytes]] = {}
        self._connecting: dict[Address, asyncio.Task[Connection]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._open = False

    # -- life ------------------------------------------------------------------------------------

    async def open(self, host: str, port: int) -> None:
        """Listen for the carrier, where that is possible.

        Raises OSError when the port is taken or a certificate cannot be read.
        """
        self.loop = asyncio.get_running_loop()
        if self._tls is not None:
            self._client, self._server = self._tls.client(), self._tls.server()
        self._bound, self.address, self._open = host, (host, port), True
        if self._client is not None and self._server is None:
            return  # a TLS server without a certificate is none; we connect only
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.setblocking(False)
            listener.bind((host, port))
            listener.listen(MOST_ACCEPTED)
        except OSError:
            listener.close()
            raise
        self._listener = listener
        self.address = listener.getsockname()[:2]
        self._spawn(self._accept(listener))

    def close(self) -> None:
        self._open = False
        for task in (*self._tasks, *self._connecting.values()):
            task.cancel()
        self._waiting.clear()
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        for connection in list(self._connections.values()):
            connection.close()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = self.loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def connected(self, address: Address) -> bool:
        return address in self._connections

    # -- out -------------------------------------------------------------------------------------

    def send(self, data: bytes, address: Address) -> None:
        """Write to the connection, or open it first; what cannot be sent is told by `on_lost`."""
        connection = self._connections.get(address)
        if connection is not None:
            connection.send(data)
        elif address in self._waiting:
            if len(self._waiting[address]) < _QUEUED:
                self._waiting[address].append(data)
        elif self._open:
            self._waiting[address] = [data]
            self._spawn(self._deliver(address))

    async def connect(self, address: Address) -> Connection:
        """The connection to `address`, made if need be. Raises OSError (see `tls.fault_text`)."""
        if address in self._connections:
            return self._connections[address]
        if address not in self._connecting:
            task = self.loop.create_task(self._connect(address))
            self._connecting[address] = task
            task.add_done_callback(lambda done: self._connected(address, done))
        return await asyncio.shield(self._connecting[address])

    def _connected(self, address: Address, task: asyncio.Task[Connection]) -> None:
        del self._connecting[address]
        if not task.cancelled():
            task.exception()  # whoever waited has been told

    async def _connect(self, address: Address) -> Connection:
        connection = Connection(self, address)
        connection.proven = True
        async with asyncio.timeout(CONNECT_S):
            await self.loop.create_connection(
                lambda: connection,
                *address,
                ssl=self._client,
                server_hostname=(self._server_name or address[0]) if self._client else None,
                local_addr=(self._bound, 0) if self._bound != "0.0.0.0" else None,
            )
        if not self._open:
            connection.close()
            raise ConnectionAbortedError("the trunk is being closed")
        self._connections[address] = connection
        if self._listener is None:  # the only place where the carrier reaches us
            self.address = (self._bound, connection.local_port)
        return connection

    async def _deliver(self, address: Address) -> None:
        try:
            connection = await self.connect(address)
        except OSError as fault:
            other = self._to_host(address[0])
            if other is None:
                self.on_lost(address, fault_text(fault), self._waiting.pop(address, []))
                return
            log.info("another connection to the same host is taken: %s", fault_text(fault))
            connection = other
        for data in self._waiting.pop(address, []):
            connection.send(data)

    def _to_host(self, host: str) -> Connection | None:
        return next((c for (peer, _), c in self._connections.items() if peer == host), None)

    def forget(self, connection: Connection, reason: str) -> None:
        """A connection is gone."""
        if self._connections.get(connection.peer) is connection:
            del self._connections[connection.peer]
            if self._open:
                self.on_lost(connection.peer, reason, [])

    # -- in --------------------------------------------------------------------------------------

    async def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                accepted, source = await self.loop.sock_accept(listener)
            except OSError as fault:  # no descriptor left, or a peer that left while it waited
                log.warning("a connection could not be taken: %s", fault_text(fault))
                await asyncio.sleep(_ACCEPT_AGAIN_S)
                continue
            if not self._allows(source[0]) or not self._has_room():
                self.refused += 1
                accepted.close()
            else:
                connection = Connection(self, (source[0], source[1]))
                self._connections[connection.peer] = connection
                connection.greeting = self._spawn(self._welcome(accepted, connection))

    def _has_room(self) -> bool:
        """Whether another connection is taken; one that has said nothing yet gives way to it."""
        if len(self._connections) < MOST_ACCEPTED:
            return True
        unproven = next((each for each in self._connections.values() if not each.proven), None)
        if unproven is None:
            return False
        self.refused += 1
        del self._connections[unproven.peer]
        unproven.close()
        return True

    async def _welcome(self, accepted: socket.socket, connection: Connection) -> None:
        welcome = False
        try:
            async with asyncio.timeout(CONNECT_S):
                await self.loop.connect_accepted_socket(
                    lambda: connection, accepted, ssl=self._server
                )
            welcome = True
        except OSError as fault:
            self.malformed += 1
            log.info("a connection of the trunk came to nothing: %s", fault_text(fault))
        finally:
            if not welcome:
                if self._connections.get(connection.peer) is connection:
                    del self._connections[connection.peer]
                accepted.close()
