"""Sealing of personal data, and the keyed hashes by which sealed data is found.

A sealed value is `key id (4 bytes) ‖ nonce (12) ‖ AES-256-GCM`. The key id is the start of the
key's own hash, so keys need no register: the first configured key seals, all of them open, and a
value says by itself which one it needs. Hashes are HMAC-SHA256 under the index key, cut to 128
bits; each kind has its own prefix, so that a name cannot be mistaken for a number.

Search works on whole names, first characters of the kanji name and prefixes of the kana; there is
no infix search, because every key more would tell a reader of the table more about the names.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Callable, Mapping, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_ID_BYTES = 4
_NONCE_BYTES = 12
SEALED_OVERHEAD = _ID_BYTES + _NONCE_BYTES + 16  # bytes a sealed value has beyond the clear one
_KANA_PREFIXES = 8
_NAME_PREFIXES = 3


class CannotOpen(Exception):
    """The value was sealed with a key that is not configured, or was changed."""


def key_id(key: bytes) -> bytes:
    """The four bytes by which a sealed value names its key."""
    return hashlib.sha256(b"agent-desk data key\0" + key).digest()[:_ID_BYTES]


class Sealer:
    """Seals with the first of `data_keys` (id → 32 bytes), opens with any."""

    def __init__(
        self,
        data_keys: Mapping[bytes, bytes],
        index_key: bytes,
        *,
        random_bytes: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self._ciphers = {name: AESGCM(key) for name, key in data_keys.items()}
        self._current = next(iter(data_keys))
        self._index_key = index_key
        self._random_bytes = random_bytes

    @classmethod
    def of_keys(cls, data_keys: Sequence[bytes], index_key: bytes) -> Sealer:
        """From the configuration's keys: the first seals, all of them open."""
        return cls({key_id(key): key for key in data_keys}, index_key)

    @property
    def newest(self) -> bytes:
        """The id of the key that seals."""
        return self._current

    @property
    def index_id(self) -> str:
        """Names the index key; hashes of two keys cannot be compared."""
        return hashlib.sha256(b"agent-desk index key\0" + self._index_key).hexdigest()[:16]

    def seal(self, text: str) -> bytes:
        """Seal a text; twice the same text gives different bytes."""
        nonce = self._random_bytes(_NONCE_BYTES)
        sealed = self._ciphers[self._current].encrypt(nonce, text.encode(), self._current)
        return self._current + nonce + sealed

    def open(self, sealed: bytes) -> str:
        """The text; raises `CannotOpen`."""
        name, nonce = sealed[:_ID_BYTES], sealed[_ID_BYTES : _ID_BYTES + _NONCE_BYTES]
        cipher = self._ciphers.get(name)
        if cipher is None:
            raise CannotOpen(f"no key with id {name.hex()} is configured")
        try:
            return cipher.decrypt(nonce, sealed[_ID_BYTES + _NONCE_BYTES :], name).decode()
        except (InvalidTag, ValueError) as error:
            raise CannotOpen("the sealed value was changed") from error

    def seal_bytes(self, data: bytes, place: bytes) -> bytes:
        """Seal a piece of a file, bound to its place: moved elsewhere it cannot be opened."""
        nonce = self._random_bytes(_NONCE_BYTES)
        bound = self._current + place
        return self._current + nonce + self._ciphers[self._current].encrypt(nonce, data, bound)

    def open_bytes(self, sealed: bytes, place: bytes) -> bytes:
        """The piece; raises `CannotOpen`."""
        name, nonce = sealed[:_ID_BYTES], sealed[_ID_BYTES : _ID_BYTES + _NONCE_BYTES]
        cipher = self._ciphers.get(name)
        if cipher is None:
            raise CannotOpen(f"no key with id {name.hex()} is configured")
        try:
            return cipher.decrypt(nonce, sealed[_ID_BYTES + _NONCE_BYTES :], name + place)
        except (InvalidTag, ValueError) as error:
            raise CannotOpen("the sealed piece was changed or is not where it was") from error

    def open_optional(self, sealed: bytes | None) -> str | None:
        """Open what is there."""
        return None if sealed is None else self.open(sealed)

    def number_key(self, e164: str) -> str:
        """The key of a phone number (+81…): uniqueness, do-not-call and look-up."""
        return self._key("number", e164)

    def kana_key(self, kana: str) -> str:
        """The key of a whole normalised kana name, for matching an import with a customer."""
        return self._key("kana", kana)

    def kana_keys(self, kana: str) -> tuple[str, ...]:
        """Keys of the first 1 to 8 characters of a normalised kana name."""
        return tuple(
            self._key("kana-prefix", kana[:length])
            for length in range(1, min(len(kana), _KANA_PREFIXES) + 1)
        )

    def name_key(self, name: str) -> str:
        """The key of a whole normalised name."""
        return self._key("name", name)

    def name_keys(self, name: str) -> tuple[str, ...]:
        """Keys of a whole normalised name and of its first 1 to 3 characters."""
        prefixes = range(1, min(len(name), _NAME_PREFIXES) + 1)
        return (self.name_key(name), *(self._key("name-prefix", name[:n]) for n in prefixes))

    def area_key(self, kind: str, value: str) -> str:
        """The key of a place in normal form; kind is `prefecture`, `city` or `postcode`."""
        return self._key(f"area-{kind}", value)

    def search_key(self, kind: str, text: str) -> str:
        """The key to look for: kind is `name`, `name-prefix` or `kana-prefix`."""
        return self._key(kind, text)

    def _key(self, kind: str, text: str) -> str:
        message = kind.encode() + b"\0" + text.encode()
        return hmac.digest(self._index_key, message, "sha256").hex()[:32]
