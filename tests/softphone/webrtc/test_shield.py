"""What a stranger who knows only the UDP port can do to a leg: nothing, before or during a call."""

from __future__ import annotations

import asyncio
import random
import socket
import struct
from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio
from aioice import stun

from softphone.rtp.ports import PortPool
from softphone.webrtc import binding, shield
from softphone.webrtc.leg import SeatLeg, WebRtcSettings
from softphone.webrtc.offering_peer import OfferingPeer
from softphone.webrtc.transport import MakeTransport
from tests.softphone.webrtc.test_leg import TRANSPORTS
from tests.waiting import await_until

SAMPLES = 20  # as little as 2.5 ms, so that twenty packets at once are not ahead of wall time
_RNG = random.Random(7)


def dtls_record(kind: int, body: bytes, version: bytes = b"\xfe\xfd") -> bytes:
    return bytes([kind]) + version + bytes(8) + struct.pack("!H", len(body)) + body


def client_hello() -> bytes:
    body = b"\xfe\xfd" + _RNG.randbytes(32) + b"\0\0" + b"\0\2\0\0" + b"\1\0"
    length = len(body).to_bytes(3, "big")
    handshake = b"\1" + length + b"\0\0" + bytes(3) + length + body
    return dtls_record(22, handshake, b"\xfe\xff")


def binding_request(username: str | None) -> bytes:
    message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    if username is not None:
        message.attributes["USERNAME"] = username
        message.attributes["PRIORITY"] = 1
        message.attributes["ICE-CONTROLLING"] = 1
        message.attributes["USE-CANDIDATE"] = None
        message.add_message_integrity(b"not the password at all")
    return bytes(message)


def torn_stun() -> bytes:
    """A PRIORITY attribute of one octet instead of four: aioice raises struct.error on it."""
    attribute = struct.pack("!HH", 0x0024, 1) + b"\0\0\0\0"
    return struct.pack("!HHI", 1, len(attribute), 0x2112A442) + _RNG.randbytes(12) + attribute


ATTACKS: dict[str, Callable[[], bytes]] = {
    "an empty datagram": lambda: b"",
    "one octet": lambda: b"\x80",
    "a ClientHello": client_hello,
    "a fatal alert": lambda: dtls_record(21, b"\2\x28"),
    "a close_notify": lambda: dtls_record(21, b"\1\0"),
    "half a DTLS record": lambda: dtls_record(22, b"")[:12],
    "forged SRTP": lambda: b"\x80\x00" + _RNG.randbytes(180),
    "SRTP that is longer than any": lambda: b"\x80\x00" + _RNG.randbytes(2000),
    "SRTCP that is longer than any": lambda: b"\x80\xc8" + _RNG.randbytes(2000),
    "forged SRTCP": lambda: b"\x80\xc8" + _RNG.randbytes(60),
    "STUN garbage": lambda: b"\0\1" + _RNG.randbytes(40),
    "torn STUN": torn_stun,
    "unsigned STUN": lambda: binding_request(None),
    "STUN of a stranger": lambda: binding_request("aaaa:bbbb"),
    "a TURN channel": lambda: b"\x40\0" + _RNG.randbytes(40),
    "text": lambda: b"GET / HTTP/1.1\r\n\r\n",
}


class Attacked:
    """A leg, its browser, and a stranger's socket aimed at the leg."""

    async def open(self, transport: MakeTransport) -> Attacked:
        self.peer = OfferingPeer()
        settings = WebRtcSettings(udp_ports=PortPool(), include_loopback=True, transport=transport)
        self.leg = await SeatLeg.answer(await self.peer.offer(), settings=settings)
        self.stranger = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.loop_errors: list[dict] = []
        asyncio.get_running_loop().set_exception_handler(
            lambda loop, context: self.loop_errors.append(context)
        )
        return self

    def hit(self, datagram: bytes) -> None:
        for candidate in self.leg._transport.connection.local_candidates:
            if ":" not in candidate.host:
                self.stranger.sendto(datagram, (candidate.host, candidate.port))

    async def connect(self) -> None:
        await asyncio.gather(self.peer.connect(self.leg.answer_sdp), self.leg.connected)

    async def talk(self) -> None:
        """Twenty packets must pass in each direction."""
        up, down = [], []
        self.leg.sink = lambda payload, timestamp: up.append(payload)
        self.peer.sink = lambda packet: down.append(packet.payload)
        for number in range(20):
            # From another source each: the stream of one that dawdles leaves packets out.
            self.leg.send(bytes([number]) * SAMPLES, source=object())
            self.peer.send(bytes([number]) * SAMPLES, timestamp=number * SAMPLES)
            await await_until(lambda count=number + 1: len(up) == len(down) == count)  # type: ignore[misc]
        assert self.leg.state == "connected"

    async def close(self) -> None:
        self.stranger.close()
        await self.peer.close()
        await self.leg.close()


@pytest.fixture(params=TRANSPORTS)
def transport(request: pytest.FixtureRequest) -> MakeTransport:
    """Both planes stand behind the same shield."""
    return TRANSPORTS[request.param]


@pytest_asyncio.fixture
async def attacked(transport: MakeTransport) -> AsyncIterator[Attacked]:
    attacked = await Attacked().open(transport)
    yield attacked
    await attacked.close()


@pytest.mark.parametrize("attack", ATTACKS)
async def test_a_call_survives_an_attack_before_and_during_it(
    attacked: Attacked, attack: str
) -> None:
    for _ in range(3):
        attacked.hit(ATTACKS[attack]())
    await attacked.connect()
    attacked.hit(ATTACKS[attack]())
    await attacked.talk()
    for _ in range(5):
        attacked.hit(ATTACKS[attack]())
    await attacked.talk()
    assert attacked.loop_errors == []


async def test_a_flood_during_the_handshake_does_not_stop_it(attacked: Attacked) -> None:
    connecting = asyncio.ensure_future(attacked.connect())
    while not connecting.done():
        attacked.hit(client_hello())
        attacked.hit(dtls_record(21, b"\2\x28"))
        await asyncio.sleep(0.002)  # pace: a thousand datagrams a second
    await attacked.talk()
    assert attacked.leg.refused > 0


async def test_forged_packets_from_the_browsers_own_address_are_refused(
    attacked: Attacked,
) -> None:
    """The attacker forges the source address: SRTP and the DTLS record layer stand."""
    await attacked.connect()
    connection = attacked.leg._transport.connection
    _, address = connection.selected  # type: ignore[misc]
    protocol = connection._nominated[1].protocol
    for attack in ATTACKS.values():
        protocol.datagram_received(attack(), address)
    await attacked.talk()
    assert attacked.loop_errors == []


async def test_only_authenticated_addresses_are_trusted(attacked: Attacked) -> None:
    await attacked.connect()
    refused = attacked.leg.refused
    for attack in ("STUN of a stranger", "unsigned STUN", "torn STUN"):
        attacked.hit(ATTACKS[attack]())
    await await_until(lambda: attacked.leg.refused >= refused + 3)
    attacked.stranger.setblocking(False)
    with pytest.raises(BlockingIOError):  # a stranger is not told that somebody is there
        attacked.stranger.recv(2000)
    stranger = ("127.0.0.1", attacked.stranger.getsockname()[1])
    assert stranger not in attacked.leg._transport.connection.trusted


async def test_a_check_that_comes_again_is_answered_only_if_it_is_signed_again(
    attacked: Attacked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shield, "CONSENT_INTERVAL_S", 0.01)
    await attacked.connect()
    connection = attacked.leg._transport.connection
    await await_until(lambda: connection._known)
    known, password = connection._known, connection.local_password.encode()
    _, address = connection.selected  # type: ignore[misc]
    protocol = connection._nominated[1].protocol
    sent: list[bytes] = []
    protocol.send_octets = lambda datagram, addr: sent.append(datagram)
    transaction, refused = bytes(12), connection.refused
    protocol.datagram_received(binding.request(known, transaction, b"a guess"), address)
    assert (sent, connection.refused) == ([], refused + 1)
    protocol.datagram_received(binding.request(known, transaction, password), address)
    assert sent == [binding.success(transaction, address, password)]


async def test_an_answer_without_the_browsers_signature_is_no_consent(
    attacked: Attacked, monkeypatch: pytest.MonkeyPatch
) -> None:
    await attacked.connect()
    connection = attacked.leg._transport.connection
    monkeypatch.setattr(shield, "CONSENT_INTERVAL_S", 0.01)
    _, address = connection.selected  # type: ignore[misc]
    protocol = connection._nominated[1].protocol
    asked: list[bytes] = []
    protocol.send_octets = lambda datagram, addr: asked.append(datagram)
    await await_until(lambda: connection.unanswered_since is not None)
    refused = connection.refused
    await await_until(lambda: connection._asked)
    for transaction in list(connection._asked):
        protocol.datagram_received(binding.success(transaction, address, b"a guess"), address)
    assert connection.refused > refused
    assert connection.unanswered_since is not None
    await await_until(lambda: connection._asked)
    password = connection.remote_password.encode()  # type: ignore[union-attr]
    for transaction in list(connection._asked):
        protocol.datagram_received(binding.success(transaction, address, password), address)
    await await_until(lambda: connection.unanswered_since is None)
