"""ICE, DTLS and SRTP of one leg, from aiortc's and aioice's parts, without RTCPeerConnection.

RTCPeerConnection would decode, buffer 80 ms and encode again, with a thread per leg. Underneath,
aiortc's DTLS transport gives the keys, and packets can be protected and sent directly: six times
less processor time, and no added delay. The private names this needs (`_set_role`, `_tx_srtp`,
`_rx_srtp`) are in this module alone; the versions are pinned and the start-up self-test runs it.

Every arriving SRTP packet is unprotected, even while nobody listens: SRTP infers how often the
16-bit sequence number wrapped, and a receiver that looked away for 22 minutes can decrypt nothing
ever after (RFC 3711 §3.3.1).
"""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Callable

import pylibsrtp
from aiortc import RTCCertificate, RTCDtlsFingerprint, RTCDtlsParameters, RTCDtlsTransport

from softphone.webrtc.offer import DtlsRole, Fingerprint, PeerParameters
from softphone.webrtc.shield import ShieldedConnection

ICE_TIMEOUT_S = 15.0
DTLS_TIMEOUT_S = 10.0
_RENEW_BEFORE = datetime.timedelta(days=1)

_certificate: RTCCertificate | None = None


def process_certificate() -> RTCCertificate:
    """The one certificate of this process: a new key for each leg would cost more than the leg."""
    global _certificate
    now = datetime.datetime.now(datetime.UTC)
    if _certificate is None or _certificate.expires - now < _RENEW_BEFORE:
        _certificate = RTCCertificate.generateCertificate()
    return _certificate


class _IcePath:
    """What RTCDtlsTransport asks of its RTCIceTransport."""

    def __init__(self, connection: ShieldedConnection) -> None:
        self._recv = connection.recv
        self._send = connection.send
        self.role = "controlling" if connection.ice_controlling else "controlled"


class SecureTransport:
    """The encrypted path to one peer.

    `on_rtp` and `on_rtcp` receive decrypted datagrams; `on_lost(reason)` is called once when an
    established path ends other than by `close`: "closed" by the peer, or "consent" not renewed.
    """

    def __init__(
        self,
        connection: ShieldedConnection,
        *,
        role: DtlsRole,
        on_rtp: Callable[[bytes], None],
        on_rtcp: Callable[[bytes], None],
        on_lost: Callable[[str], None],
    ) -> None:
        self.connection = connection
        self.connected = False
        self._on_rtp = on_rtp
        self._on_rtcp = on_rtcp
        self._on_lost = on_lost
        self._dtls = RTCDtlsTransport(_IcePath(connection), [process_certificate()])  # type: ignore[arg-type]
        self._dtls._set_role(role)
        self._dtls.on("statechange", self._dtls_changed)

    @property
    def local(self) -> PeerParameters:
        """Our side, for the SDP."""
        fingerprints = self._dtls.getLocalParameters().fingerprints
        return PeerParameters(
            self.connection.local_username,
            self.connection.local_password,
            tuple(Fingerprint(f.algorithm, f.value) for f in fingerprints if "256" in f.algorithm),
        )

    async def connect(self, peer: PeerParameters) -> None:
        """Find a path and exchange keys. Raises `ConnectionError`, timeouts included."""
        self.connection.remote_username = peer.username
        self.connection.remote_password = peer.password
        prints = [RTCDtlsFingerprint(f.algorithm, f.value) for f in peer.fingerprints]
        try:
            # End-of-candidates is never signalled: aioice by itself would wait for ever.
            await asyncio.wait_for(self.connection.connect(), ICE_TIMEOUT_S)
            await asyncio.wait_for(
                self._dtls.start(RTCDtlsParameters(fingerprints=prints)), DTLS_TIMEOUT_S
            )
        except TimeoutError as error:
            raise ConnectionError("no answer from the browser's address") from error
        except Exception as error:  # boundary: OpenSSL's own errors come through aiortc unnamed
            raise ConnectionError(f"no connection: {error!r}") from error
        if self._dtls.state != "connected":
            raise ConnectionError("the key exchange failed")
        self._protect = self._dtls._tx_srtp.protect
        self._protect_rtcp = self._dtls._tx_srtp.protect_rtcp
        self._unprotect = self._dtls._rx_srtp.unprotect
        self._unprotect_rtcp = self._dtls._rx_srtp.unprotect_rtcp
        self.connection.shrink_buffers()
        self.connection.on_media = self._received
        self.connected = True

    def send_rtp(self, datagram: bytes) -> None:
        """Encrypt and send; dropped when the path is down."""
        self._send(self._protect, datagram)

    def send_rtcp(self, datagram: bytes) -> None:
        """Encrypt and send; dropped when the path is down."""
        self._send(self._protect_rtcp, datagram)

    async def close(self) -> None:
        """Tell the peer, close the sockets. Closing twice is harmless."""
        self.connected = False
        await self._dtls.stop()
        await self.connection.close()

    def _send(self, protect: Callable[[bytes], bytes], datagram: bytes) -> None:
        selected = self.connection.selected
        if self.connected and selected is not None:
            sendto, address = selected
            sendto(protect(datagram), address)

    def _received(self, datagram: bytes) -> None:
        try:
            if 192 <= datagram[1] <= 223:  # RFC 5761 §4
                self._on_rtcp(self._unprotect_rtcp(datagram))
            else:
                self._on_rtp(self._unprotect(datagram))
        except pylibsrtp.Error:
            self.connection.refused += 1

    def _dtls_changed(self) -> None:
        if self.connected and self._dtls.state in ("closed", "failed"):
            self.connected = False
            # After consent ran out the connection is closed already; a peer that says goodbye
            # leaves it open.
            self._on_lost("closed" if self.connection.selected else "consent")
