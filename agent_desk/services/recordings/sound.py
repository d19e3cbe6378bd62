"""A sealed recording as a browser plays it: opened piece by piece, never put down in the open.

Opus goes out as the Ogg stream it is. A recording the worker has not come to yet goes out as WAV
with G.711 in it, left what the customer heard, right what the customer said, which every browser
plays. Any octet of either can be reached without opening what is before it.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from softphone.recording_file import SAMPLE_RATE, Contents, Reader, RecordingFault

_WAV_CODES = {"PCMU": 7, "PCMA": 6}


class SoundMissing(Exception):
    """The file is not where it should be, or cannot be opened; says why."""


@dataclass(frozen=True)
class Sound:
    """An open recording. `size` in octets. `close` it; only `read` and `close` touch the disk."""

    content_type: str
    size: int
    _descriptor: int
    _reader: Reader
    _contents: Contents
    _head: bytes

    def read(self, start: int, length: int) -> bytes:
        """Octets of what the browser sees, up to `length` of them; SoundMissing when damaged."""
        end = min(start + length, self.size)
        try:
            pieces = [self._head[start:end]]
            begin = max(0, start - len(self._head))
            pieces += self._sound(begin, max(0, end - len(self._head) - begin))
        except (OSError, RecordingFault) as fault:
            raise SoundMissing(str(fault)) from None
        return b"".join(pieces)

    def close(self) -> None:
        os.close(self._descriptor)

    def _sound(self, begin: int, length: int) -> list[bytes]:
        if not self._head:
            return list(self._reader.read(self._contents, begin, length))
        found: list[bytes] = []
        chunk_octets = self._reader.header.chunk_octets
        while length > 0:
            number, skipped = divmod(begin, chunk_octets)
            piece = interleaved(self._reader.chunk(number))[skipped : skipped + length]
            if not piece:
                raise RecordingFault("damaged", f"chunk {number} is too short")
            found.append(piece)
            begin, length = begin + len(piece), length - len(piece)
        return found


def open_sound(directory: Path, path: str, keys: Sequence[bytes]) -> Sound:
    """Open a recording below RECORDING_DIR; raises `SoundMissing`."""
    try:
        descriptor = os.open(below(directory, path), os.O_RDONLY)
    except (OSError, ValueError) as fault:
        raise SoundMissing(str(fault)) from None
    try:
        reader = Reader(lambda offset, length: os.pread(descriptor, length, offset), keys)
        contents = reader.measure(os.fstat(descriptor).st_size)
    except (OSError, RecordingFault) as fault:
        os.close(descriptor)
        raise SoundMissing(str(fault)) from None
    if reader.header.kind == "opus":
        return Sound("audio/ogg; codecs=opus", contents.octets, descriptor, reader, contents, b"")
    head = wav_head(reader.header.codec, contents.octets)
    size = len(head) + contents.octets
    return Sound("audio/wav", size, descriptor, reader, contents, head)


def below(directory: Path, path: str) -> Path:
    """A path a gateway reported, which must lie below the directory; ValueError otherwise."""
    found = (directory / path).resolve()
    if not path or not found.is_relative_to(directory.resolve()):
        raise ValueError("a recording lies outside RECORDING_DIR")
    return found


def interleaved(chunk: bytes) -> bytes:
    """A chunk's two channels, octet by octet."""
    half = len(chunk) // 2
    mixed = bytearray(len(chunk))
    mixed[0::2], mixed[1::2] = chunk[:half], chunk[half:]
    return bytes(mixed)


def wav_head(codec: str, octets: int) -> bytes:
    """What stands before `octets` of stereo G.711 in a WAV file (RIFF, format 6 or 7)."""
    kind = struct.pack("<IHHIIHHH", 18, _WAV_CODES[codec], 2, SAMPLE_RATE, SAMPLE_RATE * 2, 2, 8, 0)
    fact = struct.pack("<II", 4, octets // 2)
    return (
        b"RIFF"
        + struct.pack("<I", 4 + 4 + len(kind) + 4 + len(fact) + 8 + octets)
        + b"WAVEfmt "
        + kind
        + b"fact"
        + fact
        + b"data"
        + struct.pack("<I", octets)
    )
