"""A seat's standing leg against the browser's stand-in and against stock aiortc."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiortc import (
    AudioStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCSessionDescription,
)

from softphone.audio.ticker import Ticker
from softphone.audio.tones import FLOOR_DBFS
from softphone.rtp.player import Player
from softphone.rtp.ports import PortPool, PortsUsedUp
from softphone.rtp.session import RECEIVE_BUFFER
from softphone.webrtc import shield
from softphone.webrtc.leg import SeatLeg, WebRtcSettings
from softphone.webrtc.offer import BadOffer
from softphone.webrtc.offering_peer import OfferingPeer
from softphone.webrtc.peer_connection import PeerConnectionTransport
from softphone.webrtc.transport import MakeTransport, SecureTransport
from tests.softphone.rtp.test_ports import free_range
from tests.softphone.webrtc_client import BrowserClient
from tests.waiting import PATIENCE_S, await_until

SOURCE = object()


TRANSPORTS: dict[str, MakeTransport] = {
    "direct": SecureTransport.of_leg,
    "peer_connection": PeerConnectionTransport,
}


@pytest.fixture(params=TRANSPORTS)
def transport(request: pytest.FixtureRequest) -> MakeTransport:
    """Both planes carry the same legs."""
    return TRANSPORTS[request.param]


class Seat:
    """A browser's stand-in and the gateway's leg to it."""

    browser: BrowserClient
    leg: SeatLeg

    def __init__(self, transport: MakeTransport = SecureTransport.of_leg) -> None:
        self.transport = transport

    async def open(self, ports: PortPool | None = None) -> Seat:
        settings = WebRtcSettings(
            udp_ports=ports or PortPool(), include_loopback=True, transport=self.transport
        )
        self.browser = BrowserClient(Ticker())
        self.losses: list[str] = []

        async def post_offer(offer: str) -> str:
            self.leg = await SeatLeg.answer(offer, settings=settings)
            self.leg.on_lost = self.losses.append
            return self.leg.answer_sdp

        await self.browser.connect(post_offer)
        await self.leg.connected
        return self

    async def close(self) -> None:
        await self.browser.close()
        await self.leg.close()


@pytest_asyncio.fixture
async def seat(transport: MakeTransport) -> AsyncIterator[Seat]:
    seat = await Seat(transport).open()
    yield seat
    await seat.close()


async def test_a_leg_is_up_and_knows_its_browser_is_there(seat: Seat) -> None:
    assert seat.leg.state == "connected"
    await await_until(lambda: seat.leg.consent_age_s < 1, what="its consent is fresh")
    assert seat.leg.codec == "PCMU"


async def test_an_idle_leg_sends_nothing(seat: Seat) -> None:
    await await_until(lambda: seat.leg.received.received > 10)
    assert seat.browser.count == 0


async def test_the_uplink_level_tells_a_voice_from_a_dead_microphone(seat: Seat) -> None:
    seat.browser.hum(440)
    await await_until(lambda: seat.leg.level_dbfs > -20)
    seat.browser.hum(None)
    await await_until(lambda: seat.leg.level_dbfs == FLOOR_DBFS)
    seat.browser.hum(440)
    await await_until(lambda: seat.leg.level_dbfs > -40)
    seat.browser.stop_microphone()
    await await_until(lambda: seat.leg.level_dbfs == FLOOR_DBFS)


async def test_packets_are_decrypted_while_nobody_listens(seat: Seat) -> None:
    assert seat.leg.sink is None
    await await_until(lambda: seat.leg.received.received > 5)
    assert seat.leg.last_packet_at > 0


async def test_the_stream_survives_the_sequence_wrap() -> None:
    """On the direct plane; the other's sender begins far enough below the wrap."""
    peer = OfferingPeer()
    settings = WebRtcSettings(udp_ports=PortPool(), include_loopback=True)
    leg = await SeatLeg.answer(await peer.offer(), settings=settings)
    down: list[int] = []
    up: list[bytes] = []
    peer.sink = lambda packet: down.append(packet.sequence)
    leg.sink = lambda payload, timestamp: up.append(payload)
    leg._outgoing.sequence = peer.sequence = 65_515
    await asyncio.gather(peer.connect(leg.answer_sdp), leg.connected)
    for number in range(60):
        now = round(asyncio.get_running_loop().time() * 8000)  # a stream keeps to real time
        leg.send(bytes([number]) * 160, source=SOURCE, timestamp=now)
        peer.send(bytes([number]) * 160, timestamp=now)
        await await_until(lambda count=number + 1: len(down) == len(up) == count)  # type: ignore[misc]
    assert down[-1] == (65_515 + 60) & 0xFFFF
    assert up[-1] == bytes([59]) * 160
    await peer.close()
    await leg.close()


async def test_media_sockets_hold_only_some_packets(seat: Seat) -> None:
    for protocol in seat.leg._transport.connection._protocols:
        bound = protocol.transport.get_extra_info("socket")
        assert bound.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) <= 2 * RECEIVE_BUFFER


async def test_a_closing_page_is_noticed_at_once(seat: Seat) -> None:
    await seat.browser.close()
    await await_until(lambda: seat.losses == ["closed"])
    assert seat.leg.state == "closed"
    seat.leg.send(b"late", source=SOURCE)


async def test_our_own_close_is_not_a_loss_and_the_browser_learns_of_it(seat: Seat) -> None:
    await seat.leg.close()
    await seat.leg.close()
    await await_until(lambda: seat.browser.lost == "closed")
    assert seat.losses == []


async def test_a_browser_gone_without_a_word_is_noticed_by_its_consent(
    seat: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (shield.CONSENT_INTERVAL_S, shield.CONSENT_FAILURES) == (0.7, 3)
    monkeypatch.setattr(shield, "CONSENT_INTERVAL_S", 0.01)
    await seat.browser.vanish()
    await await_until(lambda: seat.losses == ["consent"])


async def test_consent_is_renewed_while_the_browser_answers(
    seat: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shield, "CONSENT_INTERVAL_S", 0.01)
    before = seat.leg._transport.connection.heard_at
    await await_until(lambda: seat.leg._transport.connection.heard_at > before + 0.5)
    assert seat.leg.state == "connected"


async def test_a_browser_that_is_heard_and_cannot_be_reached_is_known(
    seat: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shield, "CONSENT_INTERVAL_S", 0.05)
    monkeypatch.setattr(shield, "CONSENT_FAILURES", 1000)
    connection = seat.leg._transport.connection
    assert seat.leg.unanswered_s == 0.0
    protocols = connection._protocols
    sent = [protocol.send_octets for protocol in protocols]
    for protocol in protocols:  # the way to the browser is gone, the way back is not
        protocol.send_octets = lambda datagram, addr: None
    await await_until(lambda: seat.leg.unanswered_s > 1.0)
    assert seat.leg.state == "connected"
    for protocol, send in zip(protocols, sent, strict=True):
        protocol.send_octets = send
    await await_until(lambda: seat.leg.unanswered_s == 0.0)


async def test_an_offer_nobody_stands_behind_ends_in_a_connection_error(
    monkeypatch: pytest.MonkeyPatch, transport: MakeTransport
) -> None:
    for module in ("transport", "peer_connection"):
        monkeypatch.setattr(f"softphone.webrtc.{module}.ICE_TIMEOUT_S", 0.05)
        monkeypatch.setattr(f"softphone.webrtc.{module}.DTLS_TIMEOUT_S", 0.05)
    first, last = free_range(8)
    ports = PortPool(first, last)
    peer = OfferingPeer()
    settings = WebRtcSettings(udp_ports=ports, include_loopback=True, transport=transport)
    leg = await SeatLeg.answer(await peer.offer(), settings=settings)
    with pytest.raises(ConnectionError, match="no answer"):
        await leg.connected
    assert leg.state == "closed"
    await leg.close()
    await peer.close()
    await await_until(lambda: len(asyncio.all_tasks()) == 1, what="aiortc notices the end")


async def test_closing_while_connecting_gives_the_ports_back(transport: MakeTransport) -> None:
    peer = OfferingPeer()
    settings = WebRtcSettings(udp_ports=PortPool(), include_loopback=True, transport=transport)
    leg = await SeatLeg.answer(await peer.offer(), settings=settings)
    await leg.close()
    with pytest.raises(ConnectionError):
        await leg.connected
    await peer.close()
    await await_until(lambda: len(asyncio.all_tasks()) == 1, what="aiortc notices the end")


async def test_media_ports_come_from_the_range_and_rest_after_use(transport: MakeTransport) -> None:
    first, last = free_range(10)
    ports = PortPool(first, last)
    seat = await Seat(transport).open(ports)
    used = {c.port for c in seat.leg._transport.connection.local_candidates}
    assert used <= set(range(first, last + 1))
    await seat.close()
    again = set()
    with pytest.raises(PortsUsedUp):
        while True:
            with ports.bind("127.0.0.1", receive_buffer=4096) as bound:
                again.add(bound.getsockname()[1])
    assert used.isdisjoint(again)


async def test_a_lost_leg_gives_its_ports_back_once_even_if_it_is_closed_too(
    monkeypatch: pytest.MonkeyPatch, transport: MakeTransport
) -> None:
    monkeypatch.setattr(shield, "CONSENT_INTERVAL_S", 0.01)
    first, last = free_range(10)
    ports = PortPool(first, last, rest_s=0)
    seat = await Seat(transport).open(ports)
    released: list[int] = []
    monkeypatch.setattr(ports, "release", released.append)
    used = [c.port for c in seat.leg._transport.connection.local_candidates]
    await seat.browser.vanish()
    await await_until(lambda: seat.losses == ["consent"])
    await asyncio.gather(seat.leg.close(), seat.leg.close())
    await await_until(lambda: released)
    assert sorted(released) == sorted(used)


async def test_a_bad_offer_is_refused_and_takes_no_port() -> None:
    settings = WebRtcSettings(udp_ports=PortPool(1, 1), include_loopback=True)
    with pytest.raises(BadOffer):
        await SeatLeg.answer("v=0\r\n", settings=settings)


async def test_a_used_up_range_is_told() -> None:
    first, last = free_range(1)
    ports = PortPool(first, last)
    with ports.bind("127.0.0.1", receive_buffer=4096):
        peer = OfferingPeer()
        with pytest.raises(PortsUsedUp):
            await SeatLeg.answer(
                await peer.offer(), settings=WebRtcSettings(udp_ports=ports, include_loopback=True)
            )
        await peer.close()


async def test_stock_aiortc_connects_and_hears_us(
    monkeypatch: pytest.MonkeyPatch, transport: MakeTransport
) -> None:
    """An independent peer: full offer, its own ICE, DTLS and decoding."""
    monkeypatch.setattr("aioice.ice.get_host_addresses", lambda **_: ["127.0.0.1"])
    stock = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    stock.addTrack(AudioStreamTrack())
    tracks: asyncio.Queue = asyncio.Queue()
    stock.on("track", tracks.put_nowait)
    await stock.setLocalDescription(await stock.createOffer())
    leg = await SeatLeg.answer(
        stock.localDescription.sdp,
        settings=WebRtcSettings(udp_ports=PortPool(), include_loopback=True, transport=transport),
    )
    await stock.setRemoteDescription(RTCSessionDescription(leg.answer_sdp, "answer"))
    await asyncio.wait_for(leg.connected, PATIENCE_S)
    ticker = Ticker()
    Player(ticker, [b"\x00" * 160], leg, loop=True).start()
    track = await tracks.get()
    frame = await asyncio.wait_for(track.recv(), PATIENCE_S)
    assert abs(int(frame.to_ndarray()[0][80])) > 30_000  # code 0 is nearly full scale
    await await_until(lambda: leg.received.received > 3)
    await stock.close()
    await await_until(lambda: leg.state == "closed")
    await leg.close()
