"""Where the next page begins: opaque, signed, and good only for the question it was made for.

A cursor names the last row that was shown, not a count of rows, so pages neither repeat nor skip
anything when rows are added meanwhile. It is signed because it becomes part of a query.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any

from agent_desk.services.errors import ServiceError

_SIGNED = 16  # bytes of the HMAC
LONGEST = 400


class Cursors:
    """Writes and reads the cursors of a desk."""

    def __init__(self, secret_key: str) -> None:
        self._key = hmac.new(secret_key.encode(), b"cursors", hashlib.sha256).digest()

    def write(self, place: Sequence[int | str], *, of: Mapping[str, object]) -> str:
        """A cursor behind the row at `place`, for the question `of`."""
        text = json.dumps(list(place), separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(self._sign(text, of) + text).rstrip(b"=").decode()

    def read(self, cursor: str, *, of: Mapping[str, object]) -> list[Any]:
        """The place a cursor names; ServiceError cursor-unusable for any that is not ours."""
        try:
            if len(cursor) > LONGEST:
                raise ValueError(cursor[:20])
            raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise ServiceError("cursor-unusable") from None
        signed, text = raw[:_SIGNED], raw[_SIGNED:]
        if not hmac.compare_digest(signed, self._sign(text, of)):
            raise ServiceError("cursor-unusable")
        place: list[Any] = json.loads(text)
        return place

    def _sign(self, text: bytes, of: Mapping[str, object]) -> bytes:
        question = json.dumps(of, sort_keys=True, default=str).encode()
        return hmac.new(self._key, question + b"\0" + text, hashlib.sha256).digest()[:_SIGNED]
