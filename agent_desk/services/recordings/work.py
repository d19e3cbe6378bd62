"""What the worker does with recordings: verify, make Opus of them, delete by retention.

A file is believed when its hash is the one the gateway told and every chunk of it opens. Opus is
made in memory and sealed before it reaches the disk. Nothing is deleted that the desk has not
agreed to delete at that moment, and nothing damaged is deleted before its time.
"""

from __future__ import annotations

import fcntl
import hashlib
import io
import logging
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream

from agent_desk.services.recordings.retention import SHORTEST_YEARS, retention, years_later
from agent_desk.services.recordings.sound import below, interleaved
from agent_desk.services.running.desk_door import DeskDoor, DeskRefused
from agent_desk.store.records import recordings
from agent_desk.store.records.recordings import Held, SealedRow
from agent_desk.store.unit_of_work import Database
from softphone.recording_file import SAMPLE_RATE, Closing, Contents, Reader, RecordingFault, Sealer

log = logging.getLogger(__name__)

AT_ONCE = 8  # recordings verified between two looks at other work
PAGE = 500
LOCK = ".worker"  # in RECORDING_DIR, held while files are written or removed
BIT_RATE = 24_000
OPUS_CHUNK = 16_384
_DECODERS = {"PCMU": "pcm_mulaw", "PCMA": "pcm_alaw"}


class NotThere(Exception):
    """Recordings cannot be reached at all: a volume that is not mounted, a key that is another."""


@dataclass(frozen=True)
class Recorded:
    """A file that was opened to its end."""

    reader: Reader
    contents: Contents


class RecordingWork:
    """See the module. `stopping()` is asked between two recordings.

    The first of `keys` seals, all open.
    """

    def __init__(
        self,
        *,
        database: Database,
        door: DeskDoor,
        directory: Path,
        keys: Sequence[bytes],
        stopping: Callable[[], bool],
    ) -> None:
        self._database = database
        self._door = door
        self._directory = directory
        self._keys = keys
        self._stopping = stopping

    # --- verifying --------------------------------------------------------------------------

    def verify_new(self) -> int:
        """Look at recordings that were closed lately; returns how many. Raises NotThere."""
        if not self._sealed():
            return 0
        done = 0
        with self._alone() as alone:
            for row in self._sealed() if alone else ():
                if self._stopping():
                    break
                self._verify(row)
                done += 1
        return done

    def _sealed(self) -> Sequence[SealedRow]:
        with self._database.read() as session:
            return recordings.to_verify(session, AT_ONCE)

    @contextmanager
    def _alone(self) -> Iterator[bool]:
        """False when another worker is at it: each would seal an Opus of its own."""
        if not self._directory.is_dir():
            yield True  # the first file that is missing will tell
            return
        with open(self._directory / LOCK, "ab", opener=_private) as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True

    def _verify(self, row: SealedRow) -> None:
        route = f"/internal/recordings/{row.call_id}"
        try:
            opus = self._made_opus(row)
        except RecordingFault as fault:
            if fault.error_id == "other_key":
                raise NotThere(str(fault)) from None
            log.error("recording of %s: %s", row.call_id, fault)
            self._door.post(f"{route}/damaged", {"reason": fault.error_id})
            return
        path = _opus_path(row.path)
        _write_whole(below(self._directory, path), opus)
        told = {"opus_path": path, "opus_sha256": hashlib.sha256(opus).hexdigest()}
        self._door.post(f"{route}/verified", {**told, "opus_size_bytes": len(opus)})

    def _made_opus(self, row: SealedRow) -> bytes:
        """The sealed Opus of a recording that is whole; raises RecordingFault, NotThere."""
        file = _opened(self._directory, row.path)
        with file:
            if hashlib.file_digest(file, "sha256").hexdigest() != row.sha256:
                raise RecordingFault("other_hash", "it is not what the gateway closed")
            descriptor = file.fileno()
            reader = Reader(lambda at, length: os.pread(descriptor, length, at), self._keys)
            contents = reader.verify(os.fstat(descriptor).st_size)
            if reader.header.call_id != row.call_id:
                raise RecordingFault("other_call", "it is the recording of another call")
            return sealed_opus(Recorded(reader, contents), self._keys[0])

    # --- deleting ---------------------------------------------------------------------------

    def delete_expired(self, now: datetime) -> int:
        """Delete what need not be kept any longer, with a certificate each; returns how many.

        Raises NotThere.
        """
        with self._alone() as alone:
            return self._delete_until(now) if alone else 0

    def _delete_until(self, now: datetime) -> int:
        before = years_later(now, -SHORTEST_YEARS)
        after: tuple[datetime, str] | None = None
        deleted = 0
        while not self._stopping():
            with self._database.read() as session:
                page = recordings.held(session, before=before, after=after, limit=PAGE)
            for held in page:
                if retention(held).over(now) and not self._stopping():
                    deleted += self._delete(held)
            if len(page) < PAGE:
                break
            after = (page[-1].started_at, page[-1].call_id)
        return deleted

    def _delete(self, held: Held) -> int:
        route = f"/internal/recordings/{held.call_id}"
        try:
            self._door.post(f"{route}/delete", {})
            for path in (held.path, held.opus_path):
                if path:
                    _remove(self._directory, path)
            self._door.post(f"{route}/deleted", {})
        except (DeskRefused, OSError) as fault:
            log.error("the recording of %s was not deleted: %s", held.call_id, fault)
            return 0
        return 1


def sealed_opus(recorded: Recorded, key: bytes) -> bytes:
    """A sealed file with the same two channels as an Ogg Opus stream (RFC 7845)."""
    ogg = opus_of(recorded)
    header = replace(
        recorded.reader.header,
        kind="opus",
        codec="opus",
        chunk_octets=OPUS_CHUNK,
        salt=secrets.token_bytes(16),
    )
    sealer = Sealer(key, header)
    pieces = [ogg[start : start + OPUS_CHUNK] for start in range(0, len(ogg), OPUS_CHUNK)]
    told = recorded.contents.closing or Closing(0, 0, 0, truncated=True)
    closing = replace(told, chunks=len(pieces), octets=len(ogg))
    chunks = (sealer.chunk(number, piece) for number, piece in enumerate(pieces))
    return b"".join((sealer.head, *chunks, sealer.close(closing)))


def opus_of(recorded: Recorded) -> bytes:
    """The Ogg Opus stream of a recording's sound."""
    target = io.BytesIO()
    with av.open(target, "w", format="ogg") as container:
        stream = container.add_stream(
            "libopus", rate=SAMPLE_RATE, layout="stereo", options={"application": "voip"}
        )
        assert isinstance(stream, AudioStream)  # libopus makes no other
        stream.bit_rate = BIT_RATE
        for frame in _frames(recorded):
            for packet in stream.encode(frame):
                container.mux(packet)
        for packet in stream.encode(None):
            container.mux(packet)
    return target.getvalue()


def _frames(recorded: Recorded) -> Iterator[AudioFrame]:
    header = recorded.reader.header
    decoder: Any = av.CodecContext.create(_DECODERS[header.codec], "r")
    decoder.sample_rate, decoder.layout = SAMPLE_RATE, "stereo"
    for number in range(recorded.contents.chunks):
        mixed = interleaved(recorded.reader.chunk(number))
        for frame in decoder.decode(av.Packet(mixed)):
            frame.pts = None
            yield frame


def _opus_path(path: str) -> str:
    return f"{path.removesuffix('.rec')}.opus.rec"


def _opened(directory: Path, path: str) -> io.BufferedReader:
    try:
        found = below(directory, path)
        return open(found, "rb")  # closed by the caller
    except ValueError as fault:
        raise RecordingFault("outside", str(fault)) from None
    except FileNotFoundError:
        if found.parent.is_dir():
            raise RecordingFault("missing", "the file is not there") from None
        raise NotThere(str(found.parent)) from None


def _write_whole(target: Path, data: bytes) -> None:
    """The whole file under its name, or nothing under it."""
    part = target.with_name(f"{target.name}.part")
    with open(part, "wb", opener=_private) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, target)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _remove(directory: Path, path: str) -> None:
    """Remove a file; one that is gone already is fine, one whose directory is gone is not."""
    target = below(directory, path)
    if not target.parent.is_dir():
        raise NotThere(str(target.parent))
    target.unlink(missing_ok=True)
