"""The media plane: what carries the audio between operators' browsers and this process.

Two planes carry a seat's leg, with the same sockets, ports, shield, clock and reports. The direct
one stands on private names of pinned libraries and costs half as much; the other is aiortc's own
RTCPeerConnection. At each start audio is passed through a leg of the first, and if an installation
differs, the gateway says so and takes the second. Only when neither can carry audio it does not
start. `MEDIA_PLANE` names one to have no choice made.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from softphone.seats import StandingLeg
from softphone.webrtc.leg import SeatLeg, WebRtcSettings
from softphone.webrtc.offering_peer import OfferingPeer
from softphone.webrtc.offering_peer_connection import OfferingPeerConnection
from softphone.webrtc.peer_connection import PeerConnectionTransport
from softphone.webrtc.self_test import MediaSelfTestFailed, check_media
from softphone.webrtc.transport import MakeTransport, SecureTransport

log = logging.getLogger(__name__)

PlaneName = Literal["direct", "peer_connection"]


@dataclass(frozen=True)
class PlaneLimits:
    """What a plane can carry: bridged calls at 60 % of one core, and threads of each leg."""

    calls_per_core: int
    threads_per_leg: int


class MediaPlane(Protocol):
    """Answers browsers' offers with standing legs."""

    @property
    def name(self) -> str: ...

    @property
    def limits(self) -> PlaneLimits: ...

    async def answer(self, offer_sdp: str) -> StandingLeg:
        """Raises `BadOffer`, `NoUsableAddress` or `PortsUsedUp`."""
        ...


class WebRtcPlane:
    """A plane of our own legs, all on one kind of transport."""

    name: PlaneName
    limits: PlaneLimits
    transport: MakeTransport

    def __init__(self, settings: WebRtcSettings) -> None:
        self._settings = replace(settings, transport=self.transport)

    async def answer(self, offer_sdp: str) -> SeatLeg:
        """See `MediaPlane.answer`."""
        return await SeatLeg.answer(offer_sdp, settings=self._settings)


class DirectPlane(WebRtcPlane):
    """aiortc's ICE and DTLS objects and SRTP sessions, without RTCPeerConnection."""

    name = "direct"
    limits = PlaneLimits(calls_per_core=100, threads_per_leg=0)
    transport = staticmethod(SecureTransport.of_leg)

    @classmethod
    async def check(cls) -> None:
        """Raises `MediaSelfTestFailed` when it cannot carry audio here."""
        await check_media(cls.transport, make_peer=OfferingPeer)


class PeerConnectionPlane(WebRtcPlane):
    """aiortc's RTCPeerConnection, tapped ahead of its decoder."""

    name = "peer_connection"
    limits = PlaneLimits(calls_per_core=50, threads_per_leg=1)
    transport = PeerConnectionTransport

    @classmethod
    async def check(cls) -> None:
        """Raises `MediaSelfTestFailed` when it cannot carry audio here."""
        await check_media(cls.transport, make_peer=OfferingPeerConnection)


# In the order in which they are tried.
PLANES: dict[PlaneName, type[DirectPlane] | type[PeerConnectionPlane]] = {
    "direct": DirectPlane,
    "peer_connection": PeerConnectionPlane,
}


async def choose_plane(wanted: PlaneName | Literal["auto"]) -> PlaneName:
    """The first plane that carries audio here, or the one that is wanted if it does.

    Raises `MediaSelfTestFailed` with what was found wrong with each.
    """
    faults: list[str] = []
    for name in tuple(PLANES) if wanted == "auto" else (wanted,):
        try:
            await PLANES[name].check()
        except MediaSelfTestFailed as fault:
            faults.append(f"{name}: {fault}")
            continue
        if faults:
            log.error(
                "the usual media plane does not work here; calls cost twice the processor time",
                extra={"kind": name, "reason": "; ".join(faults)},
            )
        return name
    raise MediaSelfTestFailed("; ".join(faults))
