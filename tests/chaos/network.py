"""A network that misbehaves as told, in user space: what stands between a browser and the product.

    path = UdpRelay(gateway_address, rng=random.Random(1))
    host, port = await path.open()
    path.up = Weather(loss=0.05, delay_s=0.06, jitter_s=0.02)     # towards the target
    path.down = BLACKHOLE                                          # back from it
    path.close()

    line = TcpRelay(desk_address, rng=random.Random(1))
    line.up = line.down = BLACKHOLE      # a partition: bytes wait, ends of connections too
    line.cut()                           # every connection is reset
    line.half_open()                     # the target's side ends, the client is told nothing

What is drawn comes from `rng`, so a seed repeats the same losses in the same order. Weather can
change at any moment and holds for what arrives from then on.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Address = tuple[str, int]
_CHUNK = 65536
_RESET = struct.pack("ii", 1, 0)  # lingering for no time: RST instead of FIN


@dataclass(frozen=True)
class Weather:
    """One direction. Shares are 0 … 1; TCP knows delay, jitter and `dead` only.

    A datagram is late by `delay_s` ± `jitter_s`, each by its own, so that they overtake each other;
    a share `reordered` is late by as much again. `dead`: nothing comes through.
    """

    loss: float = 0.0
    duplicated: float = 0.0
    reordered: float = 0.0
    delay_s: float = 0.0
    jitter_s: float = 0.0
    dead: bool = False

    def delays(self, rng: random.Random) -> list[float]:
        """When each copy of one datagram arrives, in seconds from now; none when it is lost."""
        if self.dead or rng.random() < self.loss:
            return []
        copies = 2 if rng.random() < self.duplicated else 1
        return [self._delay(rng) for _ in range(copies)]

    def _delay(self, rng: random.Random) -> float:
        late_s = self.delay_s + rng.uniform(-self.jitter_s, self.jitter_s)
        if rng.random() < self.reordered:
            late_s += self.delay_s + self.jitter_s
        return max(0.0, late_s)


CLEAR = Weather()
BLACKHOLE = Weather(dead=True)


class UdpRelay:
    """Between one client, whoever speaks first, and a target."""

    def __init__(self, target: Address, *, rng: random.Random) -> None:
        self.up = self.down = CLEAR
        self.lost = self.passed = 0
        self._target = target
        self._rng = rng
        self._client: Address | None = None
        self._ends: list[asyncio.DatagramTransport] = []

    async def open(self) -> Address:
        """Where the client must send to."""
        loop = asyncio.get_running_loop()
        for receive in (self._from_client, self._from_target):
            transport, _ = await loop.create_datagram_endpoint(
                lambda receive=receive: _Receiver(receive), local_addr=("127.0.0.1", 0)
            )
            self._ends.append(transport)
        host, port = self._ends[0].get_extra_info("sockname")[:2]
        return host, port

    def close(self) -> None:
        for end in self._ends:
            end.close()

    def _from_client(self, data: bytes, source: Address) -> None:
        self._client = source
        self._pass(data, self.up, lambda: self._ends[1].sendto(data, self._target))

    def _from_target(self, data: bytes, source: Address) -> None:
        client = self._client
        if source == self._target and client is not None:
            self._pass(data, self.down, lambda: self._ends[0].sendto(data, client))

    def _pass(self, data: bytes, weather: Weather, send: Callable[[], None]) -> None:
        delays = weather.delays(self._rng)
        if delays:
            self.passed += 1
        else:
            self.lost += 1
        for delay_s in delays:
            if delay_s == 0.0:
                send()
            else:
                asyncio.get_running_loop().call_later(delay_s, self._send_late, send)

    def _send_late(self, send: Callable[[], None]) -> None:
        if not self._ends[0].is_closing():
            send()


class TcpRelay:
    """Between any number of clients and a target that listens."""

    def __init__(self, target: Address, *, rng: random.Random) -> None:
        self._up = self._down = CLEAR
        self._target = target
        self._rng = rng
        self._fair = {"up": asyncio.Event(), "down": asyncio.Event()}
        self._lines: set[_Line] = set()
        self._server: asyncio.Server | None = None
        self.up = self.down = CLEAR

    async def open(self) -> Address:
        """Where clients must connect to."""
        self._server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        host, port = self._server.sockets[0].getsockname()[:2]
        return host, port

    async def close(self) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()
        lines = list(self._lines)
        for line in lines:
            line.task.cancel()
        await asyncio.gather(*(line.task for line in lines), return_exceptions=True)
        await self._server.wait_closed()

    @property
    def up(self) -> Weather:
        return self._up

    @up.setter
    def up(self, weather: Weather) -> None:
        self._up = weather
        self._let("up", weather)

    @property
    def down(self) -> Weather:
        return self._down

    @down.setter
    def down(self, weather: Weather) -> None:
        self._down = weather
        self._let("down", weather)

    def cut(self) -> None:
        """Reset every connection, on both sides."""
        for line in list(self._lines):
            line.reset()

    def aim(self, target: Address) -> None:
        """From now on at another target: an address that has moved."""
        self._target = target
        self.cut()

    def half_open(self) -> None:
        """Every connection ends at the target; its client learns nothing of it."""
        for line in list(self._lines):
            line.forget_target()

    def _let(self, direction: str, weather: Weather) -> None:
        if weather.dead:
            self._fair[direction].clear()
        else:
            self._fair[direction].set()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        line = _Line(task, writer)
        self._lines.add(line)
        try:
            await self._fair["up"].wait()  # a connection is not made through a dead network
            far_reader, far_writer = await asyncio.open_connection(*self._target)
            line.far = far_writer
            await asyncio.gather(
                self._pump(reader, far_writer, "up", line),
                self._pump(far_reader, writer, "down", line),
            )
        except (OSError, asyncio.CancelledError):
            line.reset()
        finally:
            self._lines.discard(line)
            for end in (writer, line.far):
                if end is not None and not line.deaf:
                    end.close()

    async def _pump(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        direction: str,
        line: _Line,
    ) -> None:
        """Bytes in order, and the end of the connection after them, as far as the weather lets."""
        data = b"begin"
        while data:
            data = await reader.read(_CHUNK)
            weather = self.up if direction == "up" else self.down
            if weather.delay_s:
                await asyncio.sleep(weather.delays(self._rng)[0])  # pace: the weather's
            await self._fair[direction].wait()
            if line.deaf:
                await line.over.wait()
                return
            if data:
                writer.write(data)
                await writer.drain()
        with contextlib.suppress(OSError):
            writer.write_eof()


class _Line:
    """One connection through a `TcpRelay`."""

    def __init__(self, task: asyncio.Task[Any], near: asyncio.StreamWriter) -> None:
        self.task = task
        self.near = near
        self.far: asyncio.StreamWriter | None = None
        self.deaf = False
        self.over = asyncio.Event()

    def reset(self) -> None:
        self.deaf = False
        self.over.set()
        for end in (self.near, self.far):
            if end is not None and not end.transport.is_closing():
                sock = end.get_extra_info("socket")
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                end.transport.abort()

    def forget_target(self) -> None:
        self.deaf = True
        if self.far is not None:
            self.far.transport.abort()


class _Receiver(asyncio.DatagramProtocol):
    """Hands datagrams on; errors of an address nobody listens at are the network's."""

    def __init__(self, receive: Callable[[bytes, Address], None]) -> None:
        self._receive = receive

    def datagram_received(self, data: bytes, source: tuple[Any, ...]) -> None:
        self._receive(data, (source[0], source[1]))
