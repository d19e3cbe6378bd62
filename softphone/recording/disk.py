"""Recordings on the disk: a file that grows chunk by chunk, and the note that it must be told of.

A file is `<call>.rec.part` until it is complete, then `<call>.rec`. Against the loss of power it is
safe once it is complete, for then it is synchronised; a process that is killed loses only what it
had not written yet.

A note of each recording lies in the gateway's own directory from before the file's first octet
until the desk has stored what became of it. After a crash the notes say which files to close and
what was never told, without a look at the years of recordings beside them.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from softphone.recording_file import Closing, Contents, Header, Reader, RecordingFault, Sealer

PART = ".part"
KILLED = "gateway_killed"
_PLAIN = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True)
class Complete:
    """A file that nothing is added to any more."""

    path: str  # below the directory of recordings
    sha256: str
    size_bytes: int
    octets: int
    paused_ms: int
    truncated: bool


def path_of(call_id: str, started_at: datetime) -> str:
    """Where a call's recording lies: by day (UTC) and call, without a word about a person."""
    name = call_id if _PLAIN.fullmatch(call_id) else hashlib.sha256(call_id.encode()).hexdigest()
    return f"{started_at.astimezone(UTC):%Y/%m/%d}/{name}.rec"


class UnfinishedFile:
    """A file being written, chunk by chunk, each there whole or not at all. Raises OSError."""

    def __init__(self, directory: Path, path: str, key: bytes, header: Header) -> None:
        self.path = path
        self.chunks = 0
        self._final = directory / path
        self._part = self._final.with_name(self._final.name + PART)
        _make_private(self._final.parent)
        self._sealer = Sealer(key, header)
        self._hash = hashlib.sha256()
        self._size = self._octets = self._paused_ms = 0
        self._closed = False
        self._file = os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            self._append(self._sealer.head)
        except OSError:
            self.discard()
            raise

    def write(self, sound: bytes, *, paused_ms: int) -> None:
        """Seal and append one chunk."""
        self._append(self._sealer.chunk(self.chunks, sound, paused_ms=paused_ms))
        self.chunks += 1
        self._octets += len(sound)
        self._paused_ms += paused_ms

    def finish(self, *, reason: str) -> Complete:
        """Close the file and give it its name; with a `reason` it says that it is truncated.

        One that is cut short stays readable even if nothing more can be written to it.
        """
        closing = Closing(
            self.chunks,
            self._octets,
            self._paused_ms,
            truncated=bool(reason),
            reason=reason,
        )
        try:
            if not self._closed:
                self._append(self._sealer.close(closing))
                self._closed = True
            os.fsync(self._file)
        except OSError:
            if not reason:
                raise
        os.close(self._file)
        _rename(self._part, self._final)
        return Complete(
            self.path,
            self._hash.hexdigest(),
            self._size,
            octets=self._octets,
            paused_ms=self._paused_ms,
            truncated=bool(reason),
        )

    def discard(self) -> None:
        """Remove what was begun."""
        os.close(self._file)
        self._part.unlink(missing_ok=True)

    def _append(self, data: bytes) -> None:
        written = 0
        try:
            while written < len(data):
                written += os.write(self._file, memoryview(data)[written:])
        except OSError:
            os.ftruncate(self._file, self._size)
            os.lseek(self._file, self._size, os.SEEK_SET)
            raise
        self._hash.update(data)
        self._size += len(data)


def close_unfinished(directory: Path, path: str, keys: Sequence[bytes]) -> Complete | None:
    """Close a file that a killed process left, or measure one that it had completed.

    None when nothing was recorded. Raises OSError, `RecordingFault`.
    """
    final = directory / path
    part = final.with_name(final.name + PART)
    if part.exists():
        with open(part, "r+b") as file:
            if not _complete(file.fileno(), keys):
                part.unlink()
                return None
        _rename(part, final)
    if not final.exists():
        return None
    with open(final, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        descriptor = file.fileno()
        size = os.fstat(descriptor).st_size
        contents = _reader(descriptor, keys).measure(size)
    closing = contents.closing or Closing(contents.chunks, contents.octets, 0)
    return Complete(
        path,
        digest,
        size,
        octets=contents.octets,
        paused_ms=closing.paused_ms,
        truncated=contents.truncated,
    )


def _complete(descriptor: int, keys: Sequence[bytes]) -> bool:
    """Cut off what is not whole and write the closing chunk; False when there is no sound."""
    size = os.fstat(descriptor).st_size
    try:
        reader = _reader(descriptor, keys)
        contents = reader.measure(size)
    except RecordingFault as fault:
        if fault.error_id != "not_a_recording":
            raise
        return False  # killed before the header was whole
    if contents.closing is not None:
        return True
    if not contents.chunks:
        return False
    os.ftruncate(descriptor, contents.end)
    os.lseek(descriptor, contents.end, os.SEEK_SET)
    os.write(descriptor, _last_word(reader, contents))
    os.fsync(descriptor)
    return True


def _last_word(reader: Reader, contents: Contents) -> bytes:
    paused_ms = reader.paused_ms(contents.chunks)
    return reader.sealer().close(
        Closing(contents.chunks, contents.octets, paused_ms, truncated=True, reason=KILLED)
    )


def _reader(descriptor: int, keys: Sequence[bytes]) -> Reader:
    return Reader(lambda offset, length: os.pread(descriptor, length, offset), keys)


def _make_private(directory: Path) -> None:
    """With every directory above it that is missing: `Path.mkdir` gives those the usual rights."""
    if not directory.is_dir():
        _make_private(directory.parent)
        directory.mkdir(mode=0o700, exist_ok=True)


def _rename(source: Path, target: Path) -> None:
    os.rename(source, target)
    parent = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(parent)
    finally:
        os.close(parent)


@dataclass(frozen=True)
class Note:
    """A recording whose end the desk has not stored yet."""

    call_id: str
    path: str
    started_at: datetime


class Notes:
    """The notes of one gateway. Methods may raise OSError."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def write(self, note: Note) -> None:
        """Before the recording's first octet."""
        _make_private(self._directory)
        told = {**asdict(note), "started_at": note.started_at.isoformat()}
        target = self._file(note.call_id)
        fresh = target.with_suffix(".new")
        fresh.write_text(json.dumps(told), encoding="utf-8")
        os.replace(fresh, target)

    def drop(self, call_id: str) -> None:
        """The desk has stored it."""
        self._file(call_id).unlink(missing_ok=True)

    def all(self) -> Iterator[Note]:
        """What an earlier process left, oldest first."""
        found = []
        for file in self._directory.glob("*.note"):
            told = json.loads(file.read_text(encoding="utf-8"))
            started_at = datetime.fromisoformat(told["started_at"])
            found.append(Note(told["call_id"], told["path"], started_at))
        return iter(sorted(found, key=lambda note: note.started_at))

    def _file(self, call_id: str) -> Path:
        name = hashlib.sha256(call_id.encode()).hexdigest()[:32]
        return self._directory / f"{name}.note"
