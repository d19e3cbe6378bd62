"""The relay of the fault tests does what it is told, and the same for the same seed."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.chaos.network import BLACKHOLE, CLEAR, Address, TcpRelay, UdpRelay, Weather
from tests.waiting import PATIENCE_S, await_until

PACKETS = 200


class Datagrams(asyncio.DatagramProtocol):
    """Keeps what arrives; `echo` sends it back."""

    def __init__(self, *, echo: bool = False) -> None:
        self.heard: list[bytes] = []
        self._echo = echo

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, source: tuple[Any, ...]) -> None:
        self.heard.append(data)
        if self._echo:
            self.transport.sendto(data, source)


class Wire:
    """A client, a relay and a target that sends everything back."""

    async def open(self, seed: int) -> Wire:
        loop = asyncio.get_running_loop()
        local = ("127.0.0.1", 0)
        _, self.target = await loop.create_datagram_endpoint(
            lambda: Datagrams(echo=True), local_addr=local
        )
        address: Address = self.target.transport.get_extra_info("sockname")
        self.relay = UdpRelay(address, rng=random.Random(seed))
        front = await self.relay.open()
        _, self.client = await loop.create_datagram_endpoint(Datagrams, remote_addr=front)
        return self

    async def send(self, count: int = PACKETS) -> list[int]:
        """Send numbers; which arrived, in the order they did."""
        before = self.relay.passed + self.relay.lost
        del self.target.heard[:]
        for number in range(count):
            self.client.transport.sendto(b"%d" % number)
            if number % 20 == 19:  # buffers of the kernel are small
                await await_until(
                    lambda due=before + number + 1: self.relay.passed + self.relay.lost >= due
                )
        await asyncio.sleep(0.1)  # pace: the latest are still on their way
        return [int(data) for data in self.target.heard]

    def close(self) -> None:
        self.relay.close()
        self.client.transport.close()
        self.target.transport.close()


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    wire = await Wire().open(7)
    yield wire
    wire.close()
    await asyncio.sleep(0)


def test_a_seed_draws_the_same_again() -> None:
    weather = Weather(loss=0.2, duplicated=0.1, reordered=0.1, delay_s=0.05, jitter_s=0.02)
    draws = [[weather.delays(rng) for _ in range(200)] for rng in map(random.Random, (5, 5, 6))]
    assert draws[0] == draws[1] != draws[2]


def test_each_kind_of_weather_is_as_frequent_as_told() -> None:
    rng = random.Random(3)
    weather = Weather(loss=0.05, duplicated=0.1, delay_s=0.06, jitter_s=0.02)
    draws = [weather.delays(rng) for _ in range(20_000)]
    assert sum(not each for each in draws) / len(draws) == pytest.approx(0.05, abs=0.01)
    assert sum(len(each) == 2 for each in draws) / len(draws) == pytest.approx(0.095, abs=0.01)
    late = [delay_s for each in draws for delay_s in each]
    assert 0.04 <= min(late) < 0.045 and 0.075 < max(late) <= 0.08


async def test_in_clear_weather_everything_arrives_both_ways_in_order(wire: Wire) -> None:
    assert await wire.send() == list(range(PACKETS))
    await await_until(lambda: len(wire.client.heard) == PACKETS)


async def test_datagrams_are_lost_doubled_and_out_of_order(wire: Wire) -> None:
    wire.relay.up = Weather(loss=0.2, duplicated=0.2, reordered=0.2, delay_s=0.004, jitter_s=0.003)
    arrived = await wire.send()
    assert 0.6 * PACKETS < len(set(arrived)) < 0.95 * PACKETS
    assert len(arrived) > len(set(arrived))
    assert arrived != sorted(arrived)


async def test_one_direction_may_be_dead(wire: Wire) -> None:
    wire.relay.down = BLACKHOLE
    assert len(await wire.send(20)) == 20
    assert not wire.client.heard
    wire.relay.up, wire.relay.down = BLACKHOLE, CLEAR
    assert await wire.send(20) == []


class Line:
    """A server that answers each line in capitals, behind a relay, and one client of it."""

    async def open(self) -> Line:
        self.ended = 0
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        address: Address = self._server.sockets[0].getsockname()
        self.relay = TcpRelay(address, rng=random.Random(1))
        self.front = await self.relay.open()
        self.reader, self.writer = await asyncio.open_connection(*self.front)
        return self

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                writer.write(line.upper())
        except ConnectionError:
            pass
        finally:
            self.ended += 1
            writer.close()

    async def ask(self, text: bytes) -> bytes:
        self.writer.write(text + b"\n")
        return (await asyncio.wait_for(self.reader.readline(), PATIENCE_S)).strip()

    async def close(self) -> None:
        self.writer.close()
        await self.relay.close()
        self._server.close()
        await self._server.wait_closed()
        await asyncio.sleep(0)


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    line = await Line().open()
    yield line
    await line.close()


async def test_bytes_wait_for_a_partition_to_heal(line: Line) -> None:
    assert await line.ask(b"one") == b"ONE"
    line.relay.up = line.relay.down = BLACKHOLE
    asked = asyncio.create_task(line.ask(b"two"))
    _, late = await asyncio.wait([asked], timeout=0.2)
    assert late == {asked}
    line.relay.up = CLEAR
    _, late = await asyncio.wait([asked], timeout=0.2)
    assert late == {asked}, "the way back is still dead"
    line.relay.down = CLEAR
    assert await asked == b"TWO"


async def test_no_connection_is_made_through_a_dead_network(line: Line) -> None:
    line.relay.up = line.relay.down = BLACKHOLE
    reader, writer = await asyncio.open_connection(*line.front)
    writer.write(b"three\n")
    answer = asyncio.create_task(reader.readline())
    _, late = await asyncio.wait([answer], timeout=0.2)
    assert late == {answer}
    line.relay.up = line.relay.down = CLEAR
    assert await asyncio.wait_for(answer, PATIENCE_S) == b"THREE\n"
    writer.close()


async def test_a_cut_line_is_known_to_both_sides(line: Line) -> None:
    await line.ask(b"four")
    line.relay.cut()
    with pytest.raises(ConnectionError):
        await asyncio.wait_for(line.reader.readexactly(1), PATIENCE_S)
    await await_until(lambda: line.ended == 1)


async def test_a_half_open_line_is_known_to_the_target_alone(line: Line) -> None:
    await line.ask(b"five")
    line.relay.half_open()
    await await_until(lambda: line.ended == 1)
    line.writer.write(b"six\n")
    silent = asyncio.create_task(line.reader.read(1))
    _, late = await asyncio.wait([silent], timeout=0.2)
    assert late == {silent}
    silent.cancel()
