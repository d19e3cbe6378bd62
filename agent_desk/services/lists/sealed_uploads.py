"""Uploaded files at rest: sealed piece by piece, and readable at any place without a clear copy.

A piece is 64 KiB of the file, sealed on its own and bound to its number, so that a workbook, which
is read from its end, is opened where it is needed and nothing of it is ever written in the clear.
"""

from __future__ import annotations

import hashlib
import io
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from agent_desk.services.errors import ServiceError
from agent_desk.store.sealing import SEALED_OVERHEAD, CannotOpen, Sealer

PIECE = 64 * 1024
LARGEST_FILE = 256 * 1024 * 1024


@dataclass(frozen=True)
class Kept:
    """A file that was sealed: where it lies, and the hash of what it says."""

    path: Path
    sha256: str
    size: int


def keep(
    pieces: Iterable[bytes], folder: Path, sealer: Sealer, pause: Callable[[], object]
) -> Kept:
    """Seal what comes, `pause` after each piece; ServiceError import-too-large, import-empty."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{secrets.token_hex(16)}.sealed"
    digest, size = hashlib.sha256(), 0
    path.touch(mode=0o600)
    try:
        with path.open("wb") as target:
            for number, piece in enumerate(_even(pieces)):
                size += len(piece)
                if size > LARGEST_FILE:
                    raise ServiceError("import-too-large", bytes=LARGEST_FILE)
                digest.update(piece)
                target.write(sealer.seal_bytes(piece, _place(number)))
                pause()
        if size == 0:
            raise ServiceError("import-empty")
    except ServiceError:
        path.unlink(missing_ok=True)
        raise
    return Kept(path, digest.hexdigest(), size)


def pieces_of(stream: BinaryIO) -> Iterable[bytes]:
    """What a stream still has, in pieces."""
    while piece := stream.read(PIECE):
        yield piece


def open_sealed(path: Path, sealer: Sealer) -> io.BufferedReader:
    """The file as it was uploaded; FileNotFoundError when it is gone."""
    return io.BufferedReader(_SealedFile(path.open("rb"), sealer), buffer_size=PIECE)


def _even(pieces: Iterable[bytes]) -> Iterable[bytes]:
    """The same bytes in pieces of one length, but for the last."""
    waiting = bytearray()
    for piece in pieces:
        waiting += piece
        while len(waiting) >= PIECE:
            yield bytes(waiting[:PIECE])
            del waiting[:PIECE]
    if waiting:
        yield bytes(waiting)


def _place(number: int) -> bytes:
    return b"upload %d" % number


class _SealedFile(io.RawIOBase):
    """Reads and seeks in the clear what lies sealed."""

    def __init__(self, sealed: BinaryIO, sealer: Sealer) -> None:
        self._sealed = sealed
        self._sealer = sealer
        self._position = 0
        self._piece: tuple[int, bytes] = (-1, b"")
        length = sealed.seek(0, io.SEEK_END)
        whole, rest = divmod(length, PIECE + SEALED_OVERHEAD)
        self._size = whole * PIECE + max(0, rest - SEALED_OVERHEAD)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, start + offset)
        return self._position

    def tell(self) -> int:
        return self._position

    def readinto(self, target: memoryview) -> int:  # type: ignore[override]
        if self._position >= self._size:
            return 0
        number, inside = divmod(self._position, PIECE)
        found = self._opened(number)[inside : inside + len(target)]
        target[: len(found)] = found
        self._position += len(found)
        return len(found)

    def close(self) -> None:
        self._sealed.close()
        super().close()

    def _opened(self, number: int) -> bytes:
        if self._piece[0] != number:
            self._sealed.seek(number * (PIECE + SEALED_OVERHEAD))
            sealed = self._sealed.read(PIECE + SEALED_OVERHEAD)
            try:
                self._piece = (number, self._sealer.open_bytes(sealed, _place(number)))
            except CannotOpen:
                raise ServiceError("import-unreadable") from None
        return self._piece[1]
