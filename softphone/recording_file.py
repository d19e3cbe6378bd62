"""The format of a recording: a header, then sealed chunks, each of them whole in itself.

A recording outlives crashes, disks and curious eyes, so the file is built for its reader:

* The *header* is readable: what is in the file, of which call, from when. Its bytes, with 16 random
  ones among them, make the key of this one file (HMAC-SHA256 under RECORDING_KEY, as NIST SP
  800-108 derives keys), so a changed header opens nothing, and no two files share a key. It names
  the recording key it was sealed under by an id, so that there can be a new one beside the old.
* Each *chunk* is AES-256-GCM under that key. The nonce is the chunk's kind and number; the number
  is not in the file but counted by the reader: a chunk that was moved, repeated, left out in the
  middle or taken from another file does not open. All sound chunks but the last are of one size,
  so a player can jump.
* The *closing chunk* says how much there was. Without it the file was cut short (kill -9, a full
  disk): it reads up to its last whole chunk and says `truncated`.

Inside the chunks is, by `kind`: `g711`, each chunk the octets of channel 0 (what was sent to the
customer: operator, music, prompts) and then as many of channel 1 (what the customer said), at 8000
a second; or `opus`, an Ogg stream (RFC 7845) of the same two channels, cut into pieces.

No I/O here: whoever reads hands in `read_at(offset, length)`. Imported by gateway and desk.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

__all__ = [
    "Closing",
    "Contents",
    "Header",
    "ReadAt",
    "Reader",
    "RecordingFault",
    "SAMPLE_RATE",
    "Sealer",
]

SAMPLE_RATE = 8000
Kind = Literal["g711", "opus"]
ReadAt = Callable[[int, int], bytes]  # offset and length in octets; fewer at the end of the file

_MAGIC = b"AGDREC1\n"
_HEADER_LENGTH = struct.Struct(">H")
_PREFIX = struct.Struct(">BI")  # kind of chunk, octets of what follows
_NOTE = struct.Struct(">H")  # milliseconds of this chunk in which recording was paused
_NONCE = struct.Struct(">BxxxQ")
# A file that is closed twice (the first attempt did not reach the disk) must not use a nonce twice.
_SOUND, _CLOSING, _CUT_SHORT = 1, 2, 3
_CLOSINGS = (_CLOSING, _CUT_SHORT)
_TAG = 16
_SALT = 16
_LONGEST_HEADER = 4096
_LARGEST_CHUNK = 1 << 20


class RecordingFault(Exception):
    """A file that is not what it should be; `error_id` is stable.

    `not_a_recording`, `other_key` (sealed under none of RECORDING_KEY), `damaged` (a chunk or the
    header was changed).
    """

    def __init__(self, error_id: str, message: str) -> None:
        super().__init__(message)
        self.error_id = error_id


@dataclass(frozen=True, kw_only=True)
class Header:
    """What can be read without the key. `chunk_octets` is the size of every chunk but the last."""

    kind: Kind
    call_id: str
    codec: str  # PCMU or PCMA; of an Ogg stream: opus
    started_at: datetime  # business time, UTC
    chunk_octets: int
    salt: bytes  # 16 random octets


@dataclass(frozen=True)
class Closing:
    """The last word of a file. `truncated`: `reason` says why there is not all of the call."""

    chunks: int
    octets: int
    paused_ms: int
    truncated: bool = False
    reason: str = ""


@dataclass(frozen=True)
class Contents:
    """What a file holds: sound chunks, their octets, and the closing chunk if there is one.

    `end` is the offset behind the last whole chunk.
    """

    chunks: int
    octets: int
    end: int
    closing: Closing | None

    @property
    def truncated(self) -> bool:
        """Whether the call went on after this file's end."""
        return self.closing is None or self.closing.truncated


def key_id(key: bytes) -> str:
    """Which RECORDING_KEY a file needs, without telling anything of it."""
    return hmac.new(key, b"agent desk recording key id", hashlib.sha256).hexdigest()[:8]


class Sealer:
    """Makes the bytes of one file: `head`, then chunks in order, then the closing chunk."""

    def __init__(self, key: bytes, header: Header) -> None:
        """ValueError for a salt that is not of 16 octets."""
        if len(header.salt) != _SALT:
            raise ValueError(f"a salt has {_SALT} octets")
        self.head = _pack_header(header, key_id(key))
        self._cipher = AESGCM(_file_key(key, self.head))

    def chunk(self, number: int, sound: bytes, *, paused_ms: int = 0) -> bytes:
        """The bytes of a chunk of sound. A number is used once, whatever became of the bytes."""
        return self._seal(_SOUND, number, _NOTE.pack(paused_ms) + sound)

    def close(self, closing: Closing) -> bytes:
        """The bytes to append last."""
        kind = _CUT_SHORT if closing.truncated else _CLOSING
        return self._seal(kind, closing.chunks, json.dumps(asdict(closing)).encode())

    def _seal(self, kind: int, number: int, plain: bytes) -> bytes:
        sealed = self._cipher.encrypt(_nonce(kind, number), plain, None)
        return _PREFIX.pack(kind, len(sealed)) + sealed


class Reader:
    """Opens a file, whole or cut short. Raises `RecordingFault`; OSError as `read_at` does."""

    def __init__(self, read_at: ReadAt, keys: Sequence[bytes]) -> None:
        """`keys`: RECORDING_KEY; the header names the one it was sealed under."""
        self._read_at = read_at
        self.header, self._head_size, sealed_under = _read_header(read_at)
        found = next((key for key in keys if key_id(key) == sealed_under), None)
        if found is None:
            raise RecordingFault("other_key", f"sealed under recording key {sealed_under}")
        self._key = found
        self._cipher = AESGCM(_file_key(found, read_at(0, self._head_size)))
        self._step = _PREFIX.size + _NOTE.size + self.header.chunk_octets + _TAG

    def sealer(self) -> Sealer:
        """What goes on with this file, under the key it was begun with."""
        return Sealer(self._key, self.header)

    def measure(self, size: int) -> Contents:
        """What a file of `size` octets holds; of its chunks only the closing one is opened."""
        # Whatever comes after the chunks of full size is less than two of them.
        near_the_end = max(0, (size - self._head_size) // self._step - 2)
        contents = self._walk(near_the_end, size)
        # Without a closing chunk the tail may be anything, zeros after a loss of power.
        return contents if contents.closing is not None else self._walk(0, size)

    def _walk(self, number: int, size: int) -> Contents:
        """From chunk `number` to the closing one, or to the last that is whole."""
        offset, octets = self._offset(number), number * self.header.chunk_octets
        while True:
            found = self._prefix(offset, size)
            if found is None:
                return Contents(number, octets, offset, None)
            kind, length = found
            end = offset + _PREFIX.size + length
            if kind in _CLOSINGS:
                closing = self._closing(kind, number, offset=offset, length=length)
                if (closing.chunks, closing.octets) != (number, octets):
                    raise RecordingFault("damaged", "the closing chunk tells of another length")
                return Contents(number, octets, end, closing)
            number, octets, offset = number + 1, octets + length - _TAG - _NOTE.size, end

    def chunk(self, number: int) -> bytes:
        """The sound of one chunk."""
        return self._chunk(number)[1]

    def paused_ms(self, chunks: int) -> int:
        """How long recording was paused in the first chunks, for a file without a closing one."""
        return sum(self._chunk(number)[0] for number in range(chunks))

    def read(self, contents: Contents, offset: int, length: int) -> Iterator[bytes]:
        """Pieces of the sound from `offset` on, as one row of octets, chunk by chunk."""
        end = min(offset + length, contents.octets)
        size = self.header.chunk_octets
        while offset < end:
            number, skipped = divmod(offset, size)
            piece = self.chunk(number)[skipped : skipped + end - offset]
            if not piece:
                raise RecordingFault("damaged", f"chunk {number} is too short")
            yield piece
            offset += len(piece)

    def verify(self, size: int) -> Contents:
        """Open every chunk; raises `RecordingFault` when one is damaged or something follows."""
        contents = self.measure(size)
        octets = sum(len(self.chunk(number)) for number in range(contents.chunks))
        if octets != contents.octets:
            raise RecordingFault("damaged", "the chunks are not of the size they should be")
        if contents.closing is not None and contents.end != size:
            raise RecordingFault("damaged", "something follows the closing chunk")
        return contents

    def _chunk(self, number: int) -> tuple[int, bytes]:
        offset = self._offset(number)
        prefix = self._read_at(offset, _PREFIX.size)
        if len(prefix) < _PREFIX.size:
            raise RecordingFault("damaged", f"there is no chunk {number}")
        kind, length = _PREFIX.unpack(prefix)
        if kind != _SOUND or length > _LARGEST_CHUNK:
            raise RecordingFault("damaged", f"there is no chunk {number}")
        plain = self._open(kind, number, self._read_at(offset + _PREFIX.size, length))
        return _NOTE.unpack_from(plain)[0], plain[_NOTE.size :]

    def _closing(self, kind: int, number: int, *, offset: int, length: int) -> Closing:
        sealed = self._read_at(offset + _PREFIX.size, length)
        return Closing(**json.loads(self._open(kind, number, sealed)))

    def _open(self, kind: int, number: int, sealed: bytes) -> bytes:
        try:
            return self._cipher.decrypt(_nonce(kind, number), sealed, None)
        except InvalidTag:
            raise RecordingFault("damaged", f"chunk {number} does not open") from None

    def _prefix(self, offset: int, size: int) -> tuple[int, int] | None:
        """Kind and length of the chunk at `offset`; None when it is not whole."""
        prefix = self._read_at(offset, _PREFIX.size)
        if len(prefix) < _PREFIX.size:
            return None
        kind, length = _PREFIX.unpack(prefix)
        if kind not in (_SOUND, *_CLOSINGS) or offset + _PREFIX.size + length > size:
            return None
        return kind, length

    def _offset(self, number: int) -> int:
        return self._head_size + number * self._step


def _file_key(key: bytes, head: bytes) -> bytes:
    return hmac.new(key, b"agent desk recording file\0" + head, hashlib.sha256).digest()


def _nonce(kind: int, number: int) -> bytes:
    return _NONCE.pack(kind, number)


def _pack_header(header: Header, sealed_under: str) -> bytes:
    told: dict[str, Any] = asdict(header)
    told["started_at"] = header.started_at.isoformat()
    told["salt"] = header.salt.hex()
    told["key_id"] = sealed_under
    body = json.dumps(told, sort_keys=True).encode()
    return _MAGIC + _HEADER_LENGTH.pack(len(body)) + body


def _read_header(read_at: ReadAt) -> tuple[Header, int, str]:
    """The header, the octets it takes, and the id of the key it asks for."""
    fixed = len(_MAGIC) + _HEADER_LENGTH.size
    start = read_at(0, fixed)
    if len(start) < fixed or not start.startswith(_MAGIC):
        raise RecordingFault("not_a_recording", "the file does not begin like a recording")
    (length,) = _HEADER_LENGTH.unpack_from(start, len(_MAGIC))
    body = read_at(fixed, length) if length <= _LONGEST_HEADER else b""
    if len(body) != length:
        raise RecordingFault("not_a_recording", "the header is cut short")
    try:
        told = json.loads(body)
        sealed_under = str(told.pop("key_id"))
        told["started_at"] = datetime.fromisoformat(told["started_at"])
        told["salt"] = bytes.fromhex(told["salt"])
        header = Header(**told)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise RecordingFault("not_a_recording", "the header cannot be read") from None
    if not isinstance(header.chunk_octets, int) or not 0 < header.chunk_octets < _LARGEST_CHUNK:
        raise RecordingFault("not_a_recording", "the header names no size of chunks")
    return header, fixed + length, sealed_under
