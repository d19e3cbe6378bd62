"""RTP packets (RFC 3550) and telephone events (RFC 4733) as octets: no sockets, no state."""

from __future__ import annotations

import struct
from typing import NamedTuple

_HEADER = struct.Struct("!BBHLL")
_EXTENSION = struct.Struct("!HH")
_EVENT = struct.Struct("!BBH")
HEADER_OCTETS = _HEADER.size
# Octets of a packet on any of our ways, sealed or not: 150 ms of speech. Ours have 172. The SRTP
# library raises on more than 1500 instead of refusing it.
LONGEST = 1400
EVENT_DIGITS = "0123456789*#ABCD"  # by event code


class RtpPacket(NamedTuple):
    """A received packet, its padding, contributing sources and header extension stripped."""

    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes


class DigitEvent(NamedTuple):
    """One telephone-event payload: the digit, whether its key is up again, how long it was down."""

    digit: str
    ended: bool
    duration_ms: int


def parse(datagram: bytes) -> RtpPacket | None:
    """The packet in a datagram, or None when it is not a whole RTP packet of version 2."""
    if len(datagram) < HEADER_OCTETS or datagram[0] >> 6 != 2:
        return None
    flags, kind, sequence, timestamp, ssrc = _HEADER.unpack_from(datagram)
    start = HEADER_OCTETS + 4 * (flags & 0x0F)
    end = len(datagram)
    if flags & 0x10:
        if start + 4 > end:
            return None
        start += 4 + 4 * _EXTENSION.unpack_from(datagram, start)[1]
    if flags & 0x20:
        end -= datagram[-1]
    if start > end:
        return None
    return RtpPacket(kind & 0x7F, sequence, timestamp, ssrc, datagram[start:end])


def build(
    payload: bytes,
    *,
    payload_type: int,
    sequence: int,
    timestamp: int,
    ssrc: int,
    marker: bool = False,
) -> bytes:
    """The datagram of one packet without extensions."""
    return _HEADER.pack(0x80, (marker << 7) | payload_type, sequence, timestamp, ssrc) + payload


def parse_digit(payload: bytes) -> DigitEvent | None:
    """The telephone event in a payload at 8 kHz, or None when it is not one of the 16 keys."""
    if len(payload) < _EVENT.size:
        return None
    code, flags, duration = _EVENT.unpack_from(payload)
    if code >= len(EVENT_DIGITS):
        return None
    return DigitEvent(EVENT_DIGITS[code], bool(flags & 0x80), duration // 8)
