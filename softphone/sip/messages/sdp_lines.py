"""A session description as its lines, no more of them than can be read while calls wait; and the
addresses in it that audio may be sent to."""

from __future__ import annotations

import ipaddress

LONGEST, MOST_LINES = 32_768, 1000  # the longest of carriers have some 4,000 characters
NOBODY = "0.0.0.0"  # the connection address of a hold in the manner of RFC 2543
_LEAST_PORT = 1024
_SIP_PORTS = (5060, 5061)


class SdpError(ValueError):
    """The description cannot be used: unreadable, no audio, or no codec in common."""


def split_lines(text: str) -> list[str]:
    """The lines without their ends. Raises SdpError for more than a description can have."""
    lines = text.replace("\r\n", "\n").split("\n")
    if len(text) > LONGEST or len(lines) > MOST_LINES:
        raise SdpError("a description too long to be one")
    return lines


def read_number(text: str, *, most: int) -> int | None:
    """A plain number, or None. Digits are counted first: Python refuses five thousand of them."""
    digits = text.isascii() and text.isdigit() and len(text) <= len(str(most))
    return int(text) if digits and int(text) <= most else None


def may_carry_audio(host: str, port: int, *, ours: str = "") -> bool:
    """Whether RTP may go to this address: fifty packets a second hit whoever a description names.

    It is one machine's (no group, no broadcast, nothing reserved), its port no well-known one, and
    where our own address `ours` is on a network, it is neither of this machine nor of the link.
    """
    if host == NOBODY:
        return True
    try:
        there = ipaddress.IPv4Address(host)
    except ValueError:
        return False
    if there.is_multicast or there.is_reserved or host.startswith("0."):
        return False
    if port < _LEAST_PORT or port in _SIP_PORTS:
        return False
    return not ours or not _is_local(there) or _is_local(ipaddress.IPv4Address(ours))


def _is_local(host: ipaddress.IPv4Address) -> bool:
    return host.is_loopback or host.is_link_local
