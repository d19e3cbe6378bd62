"""A seat behind a relay: an independent peer that may use nothing else, and a real coturn."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiortc import (
    AudioStreamTrack,
    RTCConfiguration,
    RTCIceServer,
    RTCIceTransportPolicy,
    RTCPeerConnection,
    RTCSessionDescription,
)

from agent_desk.services.running.ice_servers import servers_for
from softphone.audio.ticker import Ticker
from softphone.rtp.player import Player
from softphone.rtp.ports import PortPool
from softphone.webrtc.leg import SeatLeg, WebRtcSettings
from tests.relay import SECRET, Relay, needs_coturn, running_relay
from tests.softphone.webrtc_client import hum_frames
from tests.waiting import PATIENCE_S, await_until

pytestmark = needs_coturn


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relay]:
    folder: Path = tmp_path_factory.mktemp("relay")
    with running_relay(folder) as running:
        yield running


def relayed_peer(relay: Relay, *, at: datetime) -> RTCPeerConnection:
    """A peer that reaches us through the relay alone, with credentials given out at an instant."""
    entries = servers_for("seat1", [{"urls": relay.url, "secret": SECRET}], now=at)
    peer = RTCPeerConnection(
        RTCConfiguration(
            iceServers=[RTCIceServer(**entry) for entry in entries],
            iceTransportPolicy=RTCIceTransportPolicy.RELAY,
        )
    )
    peer.addTrack(AudioStreamTrack())
    return peer


async def test_two_way_audio_passes_through_the_relay(
    relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aioice.ice.get_host_addresses", lambda **_: ["127.0.0.1"])
    peer = relayed_peer(relay, at=datetime.now(UTC))
    tracks: asyncio.Queue = asyncio.Queue()
    peer.on("track", tracks.put_nowait)
    await peer.setLocalDescription(await peer.createOffer())
    assert "typ relay" in peer.localDescription.sdp and "typ host" not in peer.localDescription.sdp
    leg = await SeatLeg.answer(
        peer.localDescription.sdp,
        settings=WebRtcSettings(udp_ports=PortPool(), include_loopback=True),
    )
    await peer.setRemoteDescription(RTCSessionDescription(leg.answer_sdp, "answer"))
    await asyncio.wait_for(leg.connected, PATIENCE_S)
    Player(Ticker(), hum_frames(440, leg.codec), leg, loop=True).start()
    track = await tracks.get()

    async def hears_something() -> None:
        while max(abs((await track.recv()).to_ndarray()[0])) < 1000:
            pass

    await asyncio.wait_for(hears_something(), PATIENCE_S)
    await await_until(lambda: leg.received.received > 20)
    assert relay.sessions() >= 1
    await peer.close()
    await leg.close()


async def test_credentials_of_yesterday_are_refused(
    relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aioice.ice.get_host_addresses", lambda **_: ["127.0.0.1"])
    peer = relayed_peer(relay, at=datetime.now(UTC) - timedelta(days=1))
    allocations = relay.sessions()
    await peer.setLocalDescription(await peer.createOffer())
    assert "a=candidate" not in peer.localDescription.sdp
    assert relay.sessions() == allocations
    assert "error 401" in relay.log.read_text()
    await peer.close()
