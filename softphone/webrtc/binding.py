"""Binding messages as octets (RFC 8489): the checks by which each side shows that it is there.

A gateway of a hundred seats asks and answers some three hundred of them a second, all alike but for
their transaction. Made and read as objects each took a tenth of a millisecond; signed octets take a
tenth of that. What is not of this one kind is aioice's. Pure.
"""

from __future__ import annotations

import binascii
import hmac
import ipaddress
import struct

TRANSACTION_OCTETS = 12

_HEADER = struct.Struct("!HHL12s")
_ATTRIBUTE = struct.Struct("!HH")
_REQUEST, _SUCCESS = 0x0001, 0x0101
_COOKIE = 0x2112A442
_INTEGRITY, _INTEGRITY_OCTETS = 0x0008, 20
_MAPPED = 0x0020
_FINGERPRINT = struct.Struct("!HHL")
_FINGERPRINT_HEAD = 0x8028, 4
_FINGERPRINT_MASK = 0x5354554E
# The signature and the fingerprint, which come last.
_SIGNATURE = _ATTRIBUTE.size + _INTEGRITY_OCTETS
_TAIL = _SIGNATURE + _FINGERPRINT.size


def request(attributes: bytes, transaction: bytes, key: bytes) -> bytes:
    """A signed request with these packed attributes. `transaction` has 12 octets."""
    return _sign(_REQUEST, attributes, transaction, key)


def success(transaction: bytes, address: tuple[str, int], key: bytes) -> bytes:
    """The signed answer to a request that came from `address`."""
    host = ipaddress.ip_address(address[0]).packed
    mask = struct.pack("!L", _COOKIE) + transaction
    family = 1 if len(host) == 4 else 2
    masked = bytes(octet ^ pad for octet, pad in zip(host, mask, strict=False))
    mapped = struct.pack("!BBH", 0, family, address[1] ^ (_COOKIE >> 16)) + masked
    attribute = _ATTRIBUTE.pack(_MAPPED, len(mapped)) + mapped
    return _sign(_SUCCESS, attribute, transaction, key)


def asked(datagram: bytes) -> bytes:
    """The attributes of a request that ends as ours do, or b"" for anything else."""
    if len(datagram) <= _HEADER.size + _TAIL or _HEADER.unpack_from(datagram)[0] != _REQUEST:
        return b""
    signature = _ATTRIBUTE.unpack_from(datagram, len(datagram) - _TAIL)
    fingerprint = _ATTRIBUTE.unpack_from(datagram, len(datagram) - _FINGERPRINT.size)
    if signature != (_INTEGRITY, _INTEGRITY_OCTETS) or fingerprint != _FINGERPRINT_HEAD:
        return b""
    return datagram[_HEADER.size : -_TAIL]


def attributes_of(message: bytes) -> bytes:
    """What comes after the header of a message that is not signed yet."""
    return message[_HEADER.size :]


def transaction_of(datagram: bytes) -> bytes:
    """Which request a message belongs to."""
    return datagram[_HEADER.size - TRANSACTION_OCTETS : _HEADER.size]


def is_success(datagram: bytes) -> bool:
    """Whether this claims to be the answer to a request."""
    return datagram[:2] == b"\x01\x01"


def is_signed(datagram: bytes, key: bytes) -> bool:
    """Whether a message of any kind was signed with this key (RFC 8489 §14.5)."""
    at, end = _HEADER.size, len(datagram)
    while at + _ATTRIBUTE.size <= end:
        kind, length = _ATTRIBUTE.unpack_from(datagram, at)
        if kind == _INTEGRITY:
            signature = datagram[at + _ATTRIBUTE.size : at + _SIGNATURE]
            return length == _INTEGRITY_OCTETS and hmac.compare_digest(
                signature, _signature(datagram[:at], key)
            )
        at += _ATTRIBUTE.size + length + -length % 4
    return False


def _sign(kind: int, attributes: bytes, transaction: bytes, key: bytes) -> bytes:
    length = len(attributes) + _TAIL
    message = _HEADER.pack(kind, length, _COOKIE, transaction) + attributes
    message += _ATTRIBUTE.pack(_INTEGRITY, _INTEGRITY_OCTETS) + _signature(message, key)
    return message + _FINGERPRINT.pack(
        *_FINGERPRINT_HEAD, binascii.crc32(message) ^ _FINGERPRINT_MASK
    )


def _signature(message: bytes, key: bytes) -> bytes:
    """Of what comes before it, with the length that counts the signature and nothing after it."""
    length = len(message) - _HEADER.size + _SIGNATURE
    covered = message[:2] + length.to_bytes(2, "big") + message[4:]
    return hmac.digest(key, covered, "sha1")
