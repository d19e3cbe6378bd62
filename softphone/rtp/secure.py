"""SRTP and SRTCP of one leg (RFC 3711, AES_CM_128_HMAC_SHA1_80), keys from the SDP (RFC 4568).

What cannot be authenticated does not exist: there is no way past `open`. RTP and RTCP are told
apart by the second octet, as they are where they share a port (RFC 5761 §4).
"""

from __future__ import annotations

import pylibsrtp

from softphone.rtp.packet import LONGEST
from softphone.rtp.rtcp import PACKET_TYPES


class SecureRtp:
    """`ours` and `theirs`: the 30 octets each side encrypts what it sends with."""

    def __init__(self, ours: bytes, theirs: bytes) -> None:
        self._ours, self._theirs = ours, theirs
        self._out = _session(ours, pylibsrtp.Policy.SSRC_ANY_OUTBOUND)
        self._in = _session(theirs, pylibsrtp.Policy.SSRC_ANY_INBOUND)

    def rekey(self, theirs: bytes) -> None:
        """A re-INVITE brought a new key of the peer; our own stream goes on as it was."""
        if theirs != self._theirs:
            self._theirs = theirs
            self._in = _session(theirs, pylibsrtp.Policy.SSRC_ANY_INBOUND)

    def seal(self, datagram: bytes) -> bytes | None:
        """What goes on the wire; None for what libsrtp will not send."""
        try:
            if datagram[1] in PACKET_TYPES:
                return self._out.protect_rtcp(datagram)
            return self._out.protect(datagram)
        except pylibsrtp.Error:
            return None

    def open(self, datagram: bytes) -> bytes | None:
        """The packet, or None for garbage, a wrong key and a repetition."""
        if not 12 <= len(datagram) <= LONGEST:
            return None
        try:
            if datagram[1] in PACKET_TYPES:
                return self._in.unprotect_rtcp(datagram)
            return self._in.unprotect(datagram)
        except pylibsrtp.Error:
            return None


def _session(key: bytes, kind: int) -> pylibsrtp.Session:
    return pylibsrtp.Session(policy=pylibsrtp.Policy(key=key, ssrc_type=kind))
