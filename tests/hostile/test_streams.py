"""What a peer can do to SIP over TCP: spoil its own connection, and no other."""

from __future__ import annotations

import asyncio
import random
import re
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from softphone.sip.messages.framing import MOST_BODY, MOST_HEAD
from softphone.sip.transport import streams
from softphone.sip.transport.streams import MOST_ACCEPTED, StreamEndpoint
from softphone.sip.transport.tls import TlsFiles
from tests.softphone.sip.certificates import Authority
from tests.softphone.sip.torture import PLAIN
from tests.waiting import PATIENCE_S, await_until

RIGHT = PLAIN
GARBAGE = (
    b"\x16\x03\x01\x02\x00" * 20,
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 3,
    RIGHT.replace(b"Content-Length: 0", b"Content-Length: %d" % (MOST_BODY + 1)),
    RIGHT.replace(b"Content-Length: 0", b"Content-Length: 9999999999"),
    RIGHT.replace(b"Content-Length: 0", b"Content-Length: -1"),
    RIGHT.replace(b"Content-Length: 0", b"Content-Length: 1\r\nl: 2"),
    RIGHT.replace(b"Content-Length: 0\r\n", b""),
    b"OPTIONS sip:a SIP/2.0\r\nX: " + b"y" * MOST_HEAD,
    b"\0" * 100,
)


class Listening:
    """A trunk's endpoint, and what came out of it."""

    def __init__(self, tls: TlsFiles | None = None) -> None:
        self.heard: list[bytes] = []
        self.endpoint = StreamEndpoint(
            lambda data, source: self.heard.append(data),
            allows=lambda host: host == "127.0.0.1",
            tls=tls,
        )

    async def connect(self, host: str = "127.0.0.1") -> tuple:
        return await asyncio.open_connection(
            "127.0.0.1", self.endpoint.address[1], local_addr=(host, 0)
        )


@pytest.fixture
async def listening() -> AsyncIterator[Listening]:
    listening = Listening()
    await listening.endpoint.open("127.0.0.1", 0)
    yield listening
    listening.endpoint.close()
    await asyncio.sleep(0)  # sockets close on the next turn


async def hung_up(reader: asyncio.StreamReader) -> None:
    """Whatever comes, the connection ends."""
    try:
        await asyncio.wait_for(reader.read(), PATIENCE_S)
    except ConnectionError:
        pass


async def test_garbage_ends_its_own_connection_and_no_other(listening: Listening) -> None:
    good_reader, good = await listening.connect()
    for garbage in GARBAGE:
        reader, writer = await listening.connect()
        writer.write(garbage)
        await hung_up(reader)
        writer.close()
    assert listening.heard == []
    good.write(RIGHT)
    await await_until(lambda: listening.heard == [RIGHT])
    assert not good_reader.at_eof()
    assert listening.endpoint.malformed == len(GARBAGE)
    good.close()


async def test_messages_come_out_whole_however_they_are_cut(listening: Listening) -> None:
    dice = random.Random(36)
    _, writer = await listening.connect()
    stream = b"\r\n\r\n".join([RIGHT] * 40)
    for octet in RIGHT:  # at every octet
        writer.write(bytes((octet,)))
        await writer.drain()
        await asyncio.sleep(0)
    while stream:  # and at random
        size = dice.randint(1, 700)
        writer.write(stream[:size])
        stream = stream[size:]
        await asyncio.sleep(0)
    await await_until(lambda: len(listening.heard) == 41)
    assert set(listening.heard) == {RIGHT}
    writer.close()


async def test_mutated_streams_end_or_are_understood(listening: Listening) -> None:
    dice = random.Random(37)
    for _ in range(200):
        data = bytearray(RIGHT * 3)
        for _ in range(dice.randint(1, 8)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        reader, writer = await listening.connect()
        writer.write(bytes(data))
        writer.write_eof()
        await hung_up(reader)
        writer.close()
    assert all(re.match(rb"[A-Z]|SIP|\S", message) for message in listening.heard)
    assert len(listening.heard) > 100
    _, writer = await listening.connect()
    before = len(listening.heard)
    writer.write(RIGHT)
    await await_until(lambda: len(listening.heard) > before)
    writer.close()


async def test_those_who_say_nothing_and_strangers_take_a_bounded_number(
    listening: Listening,
) -> None:
    for _ in range(5):
        reader, writer = await listening.connect("127.0.0.2")
        await hung_up(reader)
        writer.close()
    assert listening.endpoint.refused == 5
    proven = await listening.connect()
    proven[1].write(RIGHT)
    await await_until(lambda: len(listening.heard) == 1)
    silent = [await listening.connect() for _ in range(2 * MOST_ACCEPTED)]
    for _, writer in silent:
        writer.write(b"OPTIONS sip:a")  # and never the rest
    # The carrier is heard all the same: the oldest of those who said nothing had to give way.
    _, late = await listening.connect()
    late.write(RIGHT)
    await await_until(lambda: len(listening.heard) == 2)
    assert len(listening.endpoint._connections) <= MOST_ACCEPTED
    await hung_up(silent[0][0])
    proven[1].write(RIGHT)
    await await_until(lambda: len(listening.heard) == 3, what="who has spoken before stays")
    for _, writer in (*silent, proven, (None, late)):
        writer.close()
    await await_until(lambda: not listening.endpoint._connections)


async def test_half_open_tls_keeps_nobody_out(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    shown = authority.issue("127.0.0.1")
    files = TlsFiles(ca=authority.ca, certificate=shown.certificate, key=shown.key)
    listening = Listening(files)
    await listening.endpoint.open("127.0.0.1", 0)
    silent = [await listening.connect() for _ in range(4 * MOST_ACCEPTED)]
    for _, writer in silent[::2]:
        writer.write(b"\x16\x03\x01\x02\x00\x01\x00\x01")  # a ClientHello without an end
    _, late = await asyncio.open_connection(
        "127.0.0.1", listening.endpoint.address[1], ssl=files.client()
    )
    late.write(RIGHT)
    await await_until(lambda: listening.heard == [RIGHT])
    assert len(listening.endpoint._connections) <= MOST_ACCEPTED
    for _, writer in (*silent, (None, late)):
        writer.close()
    listening.endpoint.close()
    await await_until(lambda: not listening.endpoint._tasks, what="nobody is being welcomed")
    await asyncio.sleep(0)  # sockets close on the next turn


async def test_connections_are_taken_again_once_there_are_descriptors(
    listening: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "_ACCEPT_AGAIN_S", 0.01)
    loop, failures = asyncio.get_running_loop(), [24, 103]  # EMFILE, ECONNABORTED
    accept = loop.sock_accept

    async def starved(listener: socket.socket) -> tuple:
        if failures:
            raise OSError(failures.pop(), "no")
        return await accept(listener)

    monkeypatch.setattr(loop, "sock_accept", starved)
    writers = []
    for _ in range(4):  # the first was being waited for before anything failed
        _, writer = await listening.connect()
        writer.write(RIGHT)
        writers.append(writer)
    await await_until(lambda: len(listening.heard) == 4)
    assert not failures
    for writer in writers:
        writer.close()
    await await_until(lambda: not listening.endpoint._connections)
