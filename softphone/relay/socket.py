"""The one UDP socket by which a gateway exchanges the audio of lent seats with other gateways.

A path is one relay's two directions on it. Arriving datagrams find their path by SSRC; then the
sender's address must be the one the desk named, the rate that of speech, and the packet authentic
under the relay's own key. Everything else is dropped and counted: an open port answers nobody.

Both directions have one SRTP key (RFC 3711, AES_CM_128_HMAC_SHA1_80) and two SSRCs. The key stream
depends on the SSRC, so the two must differ; each session knows one of them and no other.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pylibsrtp

from softphone.rtp.packet import LONGEST

Address = tuple[str, int]

KEY_OCTETS = 30  # 16 of the master key, 14 of the salt
# Octets of the receive buffer, for all paths together; each path's burst is limited by itself.
RECEIVE_BUFFER = 131_072
# A party sends 50 packets a second, 100 at 10 ms each. After a stall of this process what waited
# would arrive at once, and the listener's jitter buffer would keep the delay: a path takes no more
# than a tenth of a second of it.
PACKETS_PER_SECOND = 110.0
BURST = 12.0

_RTCP = range(192, 224)  # RFC 5761 §4: the second octet of RTCP, of no RTP with our payload types
_SSRC = struct.Struct("!L")
_GOODBYE = struct.Struct("!BBHLB")  # RFC 3550 §6.6: one source, and a reason for leaving
_PRESENCE = struct.Struct("!BBHL4s")  # §6.7: an application's own packet
_GOODBYE_TYPE, _PRESENCE_TYPE = 203, 204
_PRESENCE_NAME = b"LAW "
CUSTOMER_GONE = "customer gone"
RELEASED = "released"


@dataclass(frozen=True)
class PathTerms:
    """What both ends were told of a path. `key` is master key and salt. SSRCs of 32 bits."""

    remote: Address
    key: bytes
    send_ssrc: int
    receive_ssrc: int

    def __post_init__(self) -> None:
        """ValueError when the two directions would share a key stream, or the key is no key."""
        if self.send_ssrc == self.receive_ssrc:
            raise ValueError("both directions have the same SSRC")
        if len(self.key) != KEY_OCTETS:
            raise ValueError(f"the key has {len(self.key)} octets instead of {KEY_OCTETS}")


class RelayPath:
    """One relay on the socket. `on_rtp(datagram)` receives what was decrypted.

    `on_presence(payload_type)` is called when the other end shows that it is there and which
    law its party speaks, `on_goodbye(reason)` when it leaves.
    """

    def __init__(self, terms: PathTerms, transport: asyncio.DatagramTransport) -> None:
        self.terms = terms
        self.refused = 0
        self.on_rtp: Callable[[bytes], None] | None = None
        self.on_presence: Callable[[int], None] | None = None
        self.on_goodbye: Callable[[str], None] | None = None
        self._transport = transport
        self._sending = _session(terms.key, terms.send_ssrc)
        self._receiving = _session(terms.key, terms.receive_ssrc)
        self._allowance, self._counted_at = BURST, 0.0

    def send_rtp(self, datagram: bytes) -> None:
        """Encrypt and send."""
        self._transport.sendto(self._sending.protect(datagram), self.terms.remote)

    def send_goodbye(self, reason: str) -> None:
        """Tell the other end that we leave, in an encrypted RTCP BYE."""
        text = reason.encode("ascii")
        padded = text + bytes(-(1 + len(text)) % 4)
        words = (8 + 1 + len(padded)) // 4 - 1
        bye = _GOODBYE.pack(0x81, _GOODBYE_TYPE, words, self.terms.send_ssrc, len(text)) + padded
        self._send_rtcp(bye)

    def send_presence(self, payload_type: int) -> None:
        """Show the other end that we are here; `payload_type` 0 … 31 is our party's law."""
        ssrc = self.terms.send_ssrc
        self._send_rtcp(
            _PRESENCE.pack(0x80 | payload_type, _PRESENCE_TYPE, 2, ssrc, _PRESENCE_NAME)
        )

    def receive(self, datagram: bytes, address: Address, now: float) -> None:
        """A datagram that bears our SSRC. `now` in seconds."""
        known = address == self.terms.remote and len(datagram) <= LONGEST
        if not known or not self._within_rate(now):
            self.refused += 1
            return
        try:
            if datagram[1] in _RTCP:
                self._control(self._receiving.unprotect_rtcp(datagram))
                return
            packet = self._receiving.unprotect(datagram)
        except pylibsrtp.Error:
            self.refused += 1
            return
        if self.on_rtp is not None:
            self.on_rtp(packet)

    def _control(self, packet: bytes) -> None:
        """What only the other end can have sent: it is there, or it leaves."""
        if packet[1] == _PRESENCE_TYPE and self.on_presence is not None:
            self.on_presence(packet[0] & 0x1F)
        elif packet[1] == _GOODBYE_TYPE and self.on_goodbye is not None:
            reason = packet[_GOODBYE.size : _GOODBYE.size + packet[_GOODBYE.size - 1]]
            self.on_goodbye(reason.decode("ascii", "replace"))

    def _send_rtcp(self, packet: bytes) -> None:
        self._transport.sendto(self._sending.protect_rtcp(packet), self.terms.remote)

    def _within_rate(self, now: float) -> bool:
        gained = (now - self._counted_at) * PACKETS_PER_SECOND
        self._allowance = min(BURST, self._allowance + gained)
        self._counted_at = now
        if self._allowance < 1.0:
            return False
        self._allowance -= 1.0
        return True


class RelaySocket(asyncio.DatagramProtocol):
    """See the module. `refused` counts what belonged to no path."""

    def __init__(self) -> None:
        self.refused = 0
        self._paths: dict[int, RelayPath] = {}  # by the SSRC that arrives
        self._transport: asyncio.DatagramTransport | None = None
        self._now = asyncio.get_running_loop().time

    @classmethod
    async def open(cls, bound: socket.socket) -> RelaySocket:
        """Use a bound UDP socket."""
        loop = asyncio.get_running_loop()
        _, opened = await loop.create_datagram_endpoint(cls, sock=bound)
        return opened

    @property
    def address(self) -> Address:
        """Where other gateways send to."""
        if self._transport is None:
            raise RuntimeError("the relay socket is closed")
        host, port = self._transport.get_extra_info("sockname")[:2]
        return host, port

    def join(self, terms: PathTerms) -> RelayPath:
        """Begin a path. Raises ValueError when its SSRC is taken."""
        if self._transport is None:
            raise ValueError("the relay socket is closed")
        if terms.receive_ssrc in self._paths:
            raise ValueError("the SSRC is in use")
        path = RelayPath(terms, self._transport)
        self._paths[terms.receive_ssrc] = path
        return path

    def leave(self, path: RelayPath) -> None:
        """End a path; what still arrives for it is dropped."""
        self._paths.pop(path.terms.receive_ssrc, None)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
            self._transport = None
        self._paths.clear()

    # asyncio.DatagramProtocol

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def error_received(self, error: Exception) -> None:
        """The other gateway's port is closed: its silence says so as well."""

    def datagram_received(self, data: bytes, address: tuple[Any, ...]) -> None:
        path = self._paths.get(_ssrc_of(data))
        if path is None:
            self.refused += 1
        else:
            path.receive(data, (address[0], address[1]), self._now())


def _ssrc_of(datagram: bytes) -> int:
    """Whose packet this claims to be; -1 for what is neither RTP nor RTCP of version 2."""
    if len(datagram) < 12 or datagram[0] >> 6 != 2:
        return -1
    at = 4 if datagram[1] in _RTCP else 8
    ssrc: int = _SSRC.unpack_from(datagram, at)[0]
    return ssrc


def _session(key: bytes, ssrc: int) -> pylibsrtp.Session:
    policy = pylibsrtp.Policy(key=key, ssrc_type=pylibsrtp.Policy.SSRC_SPECIFIC, ssrc_value=ssrc)
    return pylibsrtp.Session(policy=policy)
