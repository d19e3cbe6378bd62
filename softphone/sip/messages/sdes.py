"""Keys of SRTP in a session description (RFC 4568): `a=crypto`, one suite, no MKI.

The key stands in clear in the SDP, so whoever reads the signalling can listen: over UDP and TCP it
keeps out those who see only the media, over TLS everybody else too.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

SUITE = "AES_CM_128_HMAC_SHA1_80"
KEY_OCTETS = 30  # master key and salt
_LINE = re.compile(
    r"^crypto:([0-9]{1,9})[ \t]+(\S+)[ \t]+inline:([^|\s]+)(\|\S+)?[ \t]*(.*)$", re.I
)
_LIFETIME = re.compile(r"^\|(2\^[0-9]{1,2}|[0-9]{1,15})$")


@dataclass(frozen=True)
class CryptoLine:
    """One attribute: its tag, and the key its sender encrypts with."""

    tag: int
    key: bytes = field(repr=False)

    def __str__(self) -> str:
        return f"crypto:{self.tag} {SUITE} inline:{base64.b64encode(self.key).decode()}"


def read_crypto(attributes: Iterable[str]) -> CryptoLine | None:
    """The first line we can use, or None.

    Session parameters change what a packet looks like (UNENCRYPTED_SRTP, a key derivation rate), so
    a line that has any is not ours; nor is one with an MKI. A lifetime is longer than any call.
    """
    for attribute in attributes:
        match = _LINE.match(attribute)
        if match is None or match[2].upper() != SUITE or match[5]:
            continue
        if match[4] and not _LIFETIME.match(match[4]):
            continue
        try:
            key = base64.b64decode(match[3], validate=True)
        except (binascii.Error, ValueError):
            continue
        if len(key) == KEY_OCTETS:
            return CryptoLine(int(match[1]), key)
    return None
