"""Segments: files of columns that are written once, read by mapping them, and never changed.

A report over a month reads three or four columns of some hundred thousand rows. A row store reads
every row for that; a mapped column is a stretch of memory. The file says what is in it:

    magic (8) ‖ length of the head (4, big-endian) ‖ head (JSON) ‖ columns, each at a multiple of 64

The head names each column with its type, place, number of values and CRC-32; several columns may
have lengths of their own. Whoever writes one renames it into place when its bytes are on the disk:
a file that is there is whole.
"""

from __future__ import annotations

import json
import os
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

MAGIC = b"ADFACT01"
_ALIGNED = 64
_HEAD = struct.Struct(">I")

Column = np.ndarray[Any, np.dtype[Any]]


class DamagedSegment(Exception):
    """The file is not what was written; the facts have to be made anew from the rows."""


@dataclass(frozen=True)
class Segment:
    """An open file, mapped: it can be read to the end also when it has been removed."""

    path: Path
    head: Mapping[str, Mapping[str, Any]]
    start: int  # where the first column lies
    data: Column

    @property
    def names(self) -> tuple[str, ...]:
        """Its columns."""
        return tuple(self.head)

    def column(self, name: str) -> Column:
        """Its values; not to be written to."""
        about = self.head[name]
        kind = np.dtype(about["dtype"])
        if not about["count"]:
            return np.empty(0, kind)
        place = self.start + about["offset"]
        column: Column = self.data[place : place + kind.itemsize * about["count"]].view(kind)
        return column

    def verify(self) -> None:
        """Read every byte; raises `DamagedSegment`."""
        for name, about in self.head.items():
            if zlib.crc32(self.column(name).tobytes()) != about["crc32"]:
                raise DamagedSegment(f"{self.path.name}: {name} is not what was written")


def write(path: Path, columns: Mapping[str, Column]) -> None:
    """Make the file; it is on the disk when this returns."""
    head: dict[str, dict[str, Any]] = {}
    offset = 0
    for name, values in columns.items():
        head[name] = {
            "dtype": values.dtype.str,
            "offset": offset,
            "count": len(values),
            "crc32": zlib.crc32(values.tobytes()),
        }
        offset += _padded(values.nbytes)
    text = json.dumps(head).encode()
    text += b" " * (
        _padded(len(MAGIC) + _HEAD.size + len(text)) - len(MAGIC) - _HEAD.size - len(text)
    )
    unready = path.with_suffix(".writing")
    with unready.open("wb") as file:
        file.write(MAGIC + _HEAD.pack(len(text)) + text)
        for values in columns.values():
            file.write(values.tobytes())
            file.write(b"\0" * (_padded(values.nbytes) - values.nbytes))
        file.flush()
        os.fsync(file.fileno())
    unready.rename(path)


def read(path: Path) -> Segment:
    """Open the file; raises `DamagedSegment`, FileNotFoundError."""
    with path.open("rb") as file:
        begun = file.read(len(MAGIC) + _HEAD.size)
        if len(begun) < len(MAGIC) + _HEAD.size or not begun.startswith(MAGIC):
            raise DamagedSegment(f"{path.name} is no segment")
        (length,) = _HEAD.unpack(begun[len(MAGIC) :])
        try:
            head = json.loads(file.read(length))
        except ValueError:
            raise DamagedSegment(f"{path.name}: its head cannot be read") from None
    start = len(begun) + length
    ends = [
        each["offset"] + np.dtype(each["dtype"]).itemsize * each["count"] for each in head.values()
    ]
    if path.stat().st_size < start + max(ends, default=0):
        raise DamagedSegment(f"{path.name} ends too early")
    return Segment(path, head, start, np.memmap(path, np.uint8, "r"))


def _padded(length: int) -> int:
    return -(-length // _ALIGNED) * _ALIGNED
