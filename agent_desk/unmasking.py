"""Taking the mask off what browsers and gateways send (RFC 6455 §5.3), all octets at once.

Everything a client sends over a websocket is masked. The server library unmasks octet by octet in
Python: 0.4 µs each, so that a gateway's message about a thousand seats, a quarter of a megabyte
each second, kept everybody waiting for 140 ms. As one number it takes a fraction of a millisecond.
"""

from __future__ import annotations

from collections.abc import Sequence


def unmask(data: bytes, mask: Sequence[int], length: int | None = None, offset: int = 0) -> bytes:
    """The first `length` octets of `data`, which begin `offset` octets into the masked payload."""
    count = len(data) if length is None else length
    turned = bytes(mask[(offset + place) % 4] for place in range(4))
    key = (turned * (count // 4 + 1))[:count]
    plain = int.from_bytes(data[:count], "little") ^ int.from_bytes(key, "little")
    return plain.to_bytes(count, "little")
