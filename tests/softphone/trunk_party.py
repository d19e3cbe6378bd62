"""The customer's side of an RTP leg for tests: hums a tone into it and tells what comes out."""

from __future__ import annotations

import asyncio
import random
import socket
from typing import Any

import pylibsrtp

from softphone.audio.g711 import FRAME_SAMPLES, PAYLOAD_TYPES, Codec, silence
from softphone.audio.ticker import Ticker
from softphone.rtp.packet import build, parse
from tests.softphone.webrtc_client import Ear, hum_frames


class TrunkParty(Ear, asyncio.DatagramProtocol):
    """Sends a packet a tick to `remote`; everything that arrives is heard."""

    def __init__(self, ticker: Ticker, codec: Codec = "PCMU") -> None:
        super().__init__()
        self.codec = codec
        self.remote: tuple[str, int] | None = None
        self.sequence = random.getrandbits(16)
        self.timestamp = random.getrandbits(32)
        self._ticker = ticker
        self._hz: int | None = None
        self._seal: pylibsrtp.Session | None = None
        self._unseal: pylibsrtp.Session | None = None

    @classmethod
    async def open(cls, ticker: Ticker, codec: Codec = "PCMU") -> TrunkParty:
        party = cls(ticker, codec)
        bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        bound.bind(("127.0.0.1", 0))
        await asyncio.get_running_loop().create_datagram_endpoint(lambda: party, sock=bound)
        return party

    @property
    def address(self) -> tuple[str, int]:
        return self._transport.get_extra_info("sockname")

    def speak_srtp(self, ours: bytes, theirs: bytes) -> None:
        """SRTP both ways from now on; what is not sealed with `theirs` is not heard."""
        policy = pylibsrtp.Policy
        self._seal = pylibsrtp.Session(policy(key=ours, ssrc_type=policy.SSRC_ANY_OUTBOUND))
        self._unseal = pylibsrtp.Session(policy(key=theirs, ssrc_type=policy.SSRC_ANY_INBOUND))

    def hum(self, hz: int | None) -> None:
        self._hz = hz

    def speak_to(self, remote: tuple[str, int]) -> None:
        """Start sending 50 packets a second."""
        self.remote = remote
        self._ticker.add(self._speak)

    def fall_silent(self) -> None:
        """Stop sending."""
        self._ticker.remove(self._speak)

    def send(self, payload: bytes, *, payload_type: int | None = None, ssrc: int = 77) -> None:
        assert self.remote is not None
        self.sequence = (self.sequence + 1) & 0xFFFF
        self.timestamp = (self.timestamp + len(payload)) & 0xFFFFFFFF
        kind = PAYLOAD_TYPES[self.codec] if payload_type is None else payload_type
        datagram = build(
            payload,
            payload_type=kind,
            sequence=self.sequence,
            timestamp=self.timestamp,
            ssrc=ssrc,
        )
        sealed = self._seal.protect(datagram) if self._seal is not None else datagram
        self._transport.sendto(sealed, self.remote)

    def close(self) -> None:
        self.fall_silent()
        self._transport.close()

    def _speak(self, tick: int) -> None:
        if self._hz is None:
            self.send(silence(self.codec, FRAME_SAMPLES))
        else:
            frames = hum_frames(self._hz, self.codec)
            self.send(frames[tick % len(frames)])

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, address: tuple[Any, ...]) -> None:
        if self._unseal is not None:
            try:
                data = self._unseal.unprotect(data)
            except pylibsrtp.Error:
                return
        packet = parse(data)
        if packet is not None:
            self.hear(packet)
