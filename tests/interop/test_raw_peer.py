"""What SIPp cannot say: a 200 again and again, and messages torn and glued on a stream."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from softphone.sip.calls.journal import DialogJournal
from softphone.sip.calls.outbound import OutboundInvite
from softphone.sip.messages.framing import Framer
from softphone.sip.messages.message import Message, parse
from softphone.sip.messages.replies import build_reply
from softphone.sip.messages.sdp import answer_audio
from softphone.sip.trunk.trunk import Trunk
from tests.softphone.sip.placed_calls import OFFER, HeardCall, trunk_settings
from tests.waiting import await_until

ANSWER = answer_audio(OFFER, host="127.0.0.1", port=6000, session_id=9)
HERE = ("127.0.0.1", 5060)


def reply(request: Message, code: int, *, port: int = 5060, sdp: str = "") -> bytes:
    """An answer of the peer; `port` is where its Contact says it is."""
    answer = build_reply(request, code, source=HERE, to_tag="peer")
    answer.set("contact", f"<sip:peer@127.0.0.1:{port}>")
    if sdp:
        answer.set_sdp(sdp)
    return bytes(answer)


class DatagramPeer(asyncio.DatagramProtocol):
    """Hears everything; says what it is told to."""

    def __init__(self) -> None:
        self.heard: list[Message] = []

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:
        self.transport = transport
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        self.heard.append(parse(data))
        self.address = address

    def requests(self, method: str) -> list[Message]:
        return [message for message in self.heard if message.method == method]

    def say(self, data: bytes) -> None:
        self.transport.sendto(data, self.address)


@contextlib.asynccontextmanager
async def trunk_to(port: int, folder: Path, **changes: object) -> AsyncIterator[Trunk]:
    trunk = Trunk(trunk_settings(port, **changes), DialogJournal(folder / "journal"))
    await trunk.start()
    try:
        yield trunk
        await await_until(lambda: trunk.lines_in_use == 0, what="a free line")
        assert (folder / "journal").read_text("utf-8") == ""
    finally:
        await trunk.stop(within_s=0.5)


def place(trunk: Trunk) -> tuple[HeardCall, Callable[[str], None]]:
    heard = HeardCall()
    invite = OutboundInvite("call-1", "+81901230001", "", OFFER, 20.0)
    return heard, trunk.place(invite, heard).hang_up


async def test_every_repeated_200_is_acknowledged_alike(tmp_path: Path) -> None:
    loop = asyncio.get_running_loop()
    transport, peer = await loop.create_datagram_endpoint(DatagramPeer, local_addr=("127.0.0.1", 0))
    async with trunk_to(peer.port, tmp_path) as trunk:
        heard, hang_up = place(trunk)
        await await_until(lambda: peer.requests("INVITE"))
        invite = peer.requests("INVITE")[0]
        answer = reply(invite, 200, port=peer.port, sdp=ANSWER)
        for times in (1, 2, 3):
            peer.say(answer)
            await await_until(lambda times=times: len(peer.requests("ACK")) == times)
        assert len({bytes(ack) for ack in peer.requests("ACK")}) == 1
        hang_up("operator")
        await await_until(lambda: peer.requests("BYE"))
        peer.say(answer)  # and once more, late
        await await_until(lambda: len(peer.requests("ACK")) == 4)
        peer.say(reply(peer.requests("BYE")[0], 200))
        await await_until(lambda: heard.endings)
        assert len(heard.answers) == 1 and heard.ending.answered
    transport.close()


class StreamPeer:
    """Takes one connection; `pieces` cuts what it says."""

    def __init__(self, pieces: Callable[[bytes], list[bytes]]) -> None:
        self._pieces = pieces
        self._framer = Framer()
        self.heard: list[Message] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(4096):
            for message in self._framer.feed(data):
                await self._hear(parse(message), writer)
        writer.close()

    async def _hear(self, message: Message, writer: asyncio.StreamWriter) -> None:
        self.heard.append(message)
        said = b""
        if message.method == "INVITE":
            said = b"".join(
                (reply(message, 100), reply(message, 180), reply(message, 200, sdp=ANSWER))
            )
        elif message.method == "BYE":
            said = reply(message, 200)
        for piece in self._pieces(said):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)  # pace: let each piece travel alone


def bytewise(data: bytes) -> list[bytes]:
    return [data[i : i + 1] for i in range(len(data))]


def in_sevens(data: bytes) -> list[bytes]:
    return [data[i : i + 7] for i in range(0, len(data), 7)]


def between_lines(data: bytes) -> list[bytes]:
    return [part for part in re.split(rb"(?<=\r)", data) if part]


def glued(data: bytes) -> list[bytes]:
    return [b"\r\n\r\n" + data + b"\r\n"] if data else []


@pytest.mark.parametrize("pieces", [bytewise, in_sevens, between_lines, glued])
async def test_messages_torn_or_glued_on_a_stream_are_read(
    tmp_path: Path, pieces: Callable[[bytes], list[bytes]]
) -> None:
    peer = StreamPeer(pieces)
    server = await asyncio.start_server(peer.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with trunk_to(port, tmp_path, transport="tcp") as trunk:
        await await_until(lambda: trunk.state == "up")
        heard, hang_up = place(trunk)
        await await_until(lambda: heard.answers)
        assert [code for code, _ in heard.rings] == [180]
        hang_up("operator")
        await await_until(lambda: heard.endings)
    methods = [message.method for message in peer.heard if message.method]
    assert methods == ["INVITE", "ACK", "BYE"], "nothing is sent twice over TCP"
    server.close()
    await server.wait_closed()
