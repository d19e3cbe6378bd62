"""SQLite's write-ahead log as bytes: where it ends, and whether it goes on from a place we know.

The log is a header and frames, a page each (https://sqlite.org/walformat.html). The shared index
beside it says how many frames are committed and durable; it is read without SQLite, which tells
nobody. When everything in the log is in the database a writer begins it anew from the first frame,
with other salts; that is a *turn* of the log. The index also counts commits, over all turns: so a
new turn goes on from a place when its first salt is the next one and not a commit is missing.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace

LOG_HEADER = 32
FRAME_HEADER = 24
# Version, unused, commits, ready, byte order, page size, frames, pages, checksum, salts, own sum.
_INDEX = struct.Struct("=IIIBBHIIII8s8s")
_FRAME = struct.Struct(">II8s8s")  # page, pages after a commit (else 0), salts, checksum
_VERSION = 3_007_000
_TRIES = 1_000
_WRAP = 1 << 32
_AT_ONCE = 2_000  # frames: 8 MB of the usual pages


class LogLost(Exception):
    """The log does not go on from where we were: something in between was not seen."""


@dataclass(frozen=True)
class Position:
    """A place in the log, after so many frames of one turn.

    `commits` is the index's count there, None where it was not looked at; `checksum` that of the
    last frame, which depends on all before it.
    """

    turn: int
    salts: bytes
    frames: int
    checksum: bytes
    commits: int | None


@dataclass(frozen=True)
class LogEnd:
    """What the index says of the end of the log."""

    salts: bytes
    frames: int
    checksum: bytes
    commits: int
    page_size: int

    @property
    def frame_size(self) -> int:
        return FRAME_HEADER + self.page_size

    def position(self, turn: int) -> Position:
        """The end as a place in a turn."""
        return Position(turn, self.salts, self.frames, self.checksum, self.commits)


@dataclass(frozen=True)
class LogPart:
    """Frames that follow on `before`, raw; with the log's header when they are a turn's first."""

    before: int
    end: Position
    last_commit: int  # the frame, counted from 1; 0: none in this part
    page_size: int
    data: bytes


class Log:
    """The files `-wal` and `-shm` of a database, open for reading.

    Whoever closes a file takes from his whole process the locks on it (POSIX): the two are closed
    after SQLite's connections, never before.
    """

    def __init__(self, log: int, index: int) -> None:
        self._log, self._index = log, index

    def end(self) -> LogEnd:
        """The committed end at this moment; LogLost when the index cannot be read."""
        for _ in range(_TRIES):
            both = os.pread(self._index, 2 * _INDEX.size, 0)
            if both[: _INDEX.size] != both[_INDEX.size :] or len(both) < 2 * _INDEX.size:
                continue  # it is being written
            told = _INDEX.unpack(both[: _INDEX.size])
            version, _, commits, ready, _, size, frames, _, *checksum, salts, _ = told
            if version != _VERSION or not ready:
                break
            return LogEnd(
                salts=salts,
                frames=frames,
                checksum=struct.pack(">II", *checksum),
                commits=commits,
                page_size=(size & 0xFE00) + ((size & 1) << 16),
            )
        raise LogLost("the index of the log cannot be read")

    def since(self, known: Position | None) -> Iterator[LogPart]:
        """The committed frames after a place; from the current turn's first on for None.

        For a reader that has kept the log from being overwritten since `known`. LogLost.
        """
        end = self.end()
        try:
            turn, first = self._follow(known, end)
        except LogLost:
            if self.end().salts == end.salts:
                raise
            end = self.end()  # begun anew while we looked
            turn, first = self._follow(known, end)
        while first < end.frames:
            last = min(end.frames, first + _AT_ONCE)
            part = self._part(end, turn, first, last)
            if last < end.frames:
                part = replace(part, end=replace(part.end, commits=None))
            yield part
            first = last

    def _follow(self, known: Position | None, end: LogEnd) -> tuple[int, int]:
        """The turn the end is in, and how many frames of it are known."""
        if known is None:
            return 1, 0
        if known.salts == end.salts:
            if end.frames < known.frames or self._checksum(end, known.frames) != known.checksum:
                raise LogLost("the log is not the one that was copied")
            return known.turn, known.frames
        if end.frames == 0:
            return known.turn, 0
        if known.frames and _number(end.salts) != (_number(known.salts) + 1) % _WRAP:
            raise LogLost("the log was begun anew more than once")
        if known.commits is None or self._commits(end) != (end.commits - known.commits) % _WRAP:
            raise LogLost("the log was begun anew, and not all of the old one was seen")
        return known.turn + 1, 0

    def _part(self, end: LogEnd, turn: int, first: int, last: int) -> LogPart:
        data = self._read(end, first, last)
        last_commit = checksum = None
        for number in range(last, first, -1):
            at = (number - 1 - first) * end.frame_size
            _, pages, salts, own = _FRAME.unpack_from(data, at)
            if salts != end.salts:
                raise LogLost("a frame of another turn is in the log")
            checksum = checksum or own
            last_commit = last_commit or (number if pages else None)
        if last == end.frames and checksum != end.checksum:
            raise LogLost("the log does not end as its index says")
        if first == 0:
            header = os.pread(self._log, LOG_HEADER, 0)
            if header[16:24] != end.salts:
                raise LogLost("the log has the header of another turn")
            data = header + data
        return LogPart(
            before=first,
            end=Position(turn, end.salts, last, checksum or b"", end.commits),
            last_commit=last_commit or 0,
            page_size=end.page_size,
            data=data,
        )

    def _read(self, end: LogEnd, first: int, last: int) -> bytes:
        wanted = (last - first) * end.frame_size
        data = os.pread(self._log, wanted, LOG_HEADER + first * end.frame_size)
        if len(data) != wanted:
            raise LogLost("the log is shorter than its index says")
        return data

    def _checksum(self, end: LogEnd, frames: int) -> bytes:
        """That of the last of so many frames."""
        if frames == 0:
            return end.checksum if end.frames == 0 else b""
        at = LOG_HEADER + (frames - 1) * end.frame_size
        found = os.pread(self._log, FRAME_HEADER, at)
        return found[16:] if found[8:16] == end.salts else b""

    def _commits(self, end: LogEnd) -> int:
        """How many there are in the log."""
        places = range(LOG_HEADER, LOG_HEADER + end.frames * end.frame_size, end.frame_size)
        return sum(any(os.pread(self._log, 4, place + 4)) for place in places)


def _number(salts: bytes) -> int:
    return int.from_bytes(salts[:4], "big")
