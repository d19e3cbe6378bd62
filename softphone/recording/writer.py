"""The thread that writes recordings: the loop only queues packets and waits for nothing here.

One thread places the packets of all calls on their tracks, seals a chunk of each call every half
second and writes it in one piece. What a killed process loses is the chunk that was filling, the
time in which a packet may still find its place, and one round of this thread: about a second.

Whatever the disk does, the call goes on: its recording fails with a stable reason (`disk_full`,
`cannot_write`, `too_slow`), and what was written until then stays and can be played.
"""

from __future__ import annotations

import errno
import logging
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from softphone.audio.g711 import SAMPLE_RATE, Codec
from softphone.protocol import RecordingEnded, RecordingFailed, Refusal
from softphone.recording.disk import (
    Complete,
    Note,
    Notes,
    UnfinishedFile,
    close_unfinished,
    path_of,
)
from softphone.recording.tracks import CHUNK_SAMPLES, Tracks
from softphone.recording_file import Header, RecordingFault

log = logging.getLogger(__name__)

ROUND_S = 0.1
TOO_SLOW = "too_slow"
LOST = "lost"
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_OCTETS_A_MS = 2 * SAMPLE_RATE // 1000
_MESSAGES = {
    "disk_full": "there is no room for recordings",
    "cannot_write": "the recording cannot be written",
    TOO_SLOW: "the disk is too slow for recordings",
    LOST: "the recording is not there any more",
}

RecordingNews = RecordingEnded | RecordingFailed
# Instant (loop's time), whether it was heard from the customer, payload, its law.
Packet = tuple[float, bool, bytes, Codec]


@dataclass
class Take:
    """One call's recording, between the loop, which fills it, and the thread, which empties it.

    `packets` and `pauses` (begin and end, the loop's time) are only appended to by the loop; a
    deque may be emptied by another thread meanwhile.
    """

    call_id: str
    codec: Codec
    started_at: datetime  # business time
    began: float  # the loop's time
    packets: deque[Packet] = field(default_factory=deque)
    pauses: deque[tuple[float, float]] = field(default_factory=deque)
    paused_since: float | None = None
    ended: float | None = None
    reason: str = ""  # why it ends before its call


class RecordingWriter:
    """Start it, hand it takes, stop it. `post(event)` is called in the thread.

    The first of `keys` seals, all open.
    """

    def __init__(
        self,
        *,
        directory: Path,
        notes: Path,
        keys: Sequence[bytes],
        post: Callable[[RecordingNews], None],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._directory = directory
        self._notes = Notes(notes)
        self._keys = keys
        self._post = post
        self._now = now
        self._arrived: deque[Take] = deque()
        self._stored: deque[str] = deque()
        self._works: list[_Work] = []
        self._news = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="recordings", daemon=True)

    def start(self) -> None:
        """Close and report what an earlier process left, then wait for takes."""
        self._thread.start()

    def add(self, take: Take) -> None:
        """A new recording; its file is opened at once."""
        self._arrived.append(take)
        self._news.set()

    def forget(self, call_id: str) -> None:
        """The desk has stored what became of this recording."""
        self._stored.append(call_id)
        self._news.set()

    def stop(self, *, within_s: float) -> None:
        """Write the ends of takes that have ended, and return; waits in the caller's thread."""
        self._stopping = True
        self._news.set()
        if self._thread.is_alive():
            self._thread.join(within_s)

    def _run(self) -> None:
        try:
            self._recover()
        except Exception:  # boundary: what is left of an earlier process must not stop this one
            log.exception("recordings of an earlier process cannot be closed")
        while True:
            stopping = self._stopping  # what was added before this is still done
            self.do_round()
            if stopping and not self._works:
                return
            self._news.wait(ROUND_S if self._works or stopping else None)
            self._news.clear()

    def do_round(self) -> None:
        """Everything that is due at this moment."""
        while self._arrived:
            self._works.append(_Work(self._arrived.popleft(), self))
        now = self._now()
        for work in self._works:
            try:
                work.advance(now)
            except Exception:  # boundary: one recording must not end those of the other calls
                log.exception("a recording failed")
                work.fail("cannot_write")
        self._works = [work for work in self._works if not work.over]
        while self._stored:
            self._drop_note(self._stored.popleft())

    # --- what one take needs of here ----------------------------------------------------------

    def open(self, take: Take) -> UnfinishedFile:
        """The file of a new take, after its note. Raises OSError."""
        path = path_of(take.call_id, take.started_at)
        self._notes.write(Note(take.call_id, path, take.started_at))
        header = Header(
            kind="g711",
            call_id=take.call_id,
            codec=take.codec,
            started_at=take.started_at,
            chunk_octets=2 * CHUNK_SAMPLES,
            salt=secrets.token_bytes(16),
        )
        return UnfinishedFile(self._directory, path, self._keys[0], header)

    def ended(self, take: Take, complete: Complete) -> None:
        """Report a file that is complete."""
        self._post(_report(take.call_id, take.started_at, complete))

    def failed(self, call_id: str, path: str, reason: str) -> None:
        """Report that not all, or nothing (`path` is ""), was recorded."""
        log.error("a recording failed", extra={"reason": reason})
        self._post(failure(call_id, path, reason))

    # --- after a crash ------------------------------------------------------------------------

    def _recover(self) -> None:
        for note in self._notes.all():
            try:
                complete = close_unfinished(self._directory, note.path, self._keys)
            except (OSError, RecordingFault) as fault:
                log.error("an old recording cannot be closed", extra={"reason": str(fault)})
                if isinstance(fault, RecordingFault) and fault.error_id == "other_key":
                    continue  # told by the first start that has its key
                self.failed(note.call_id, "", "cannot_write")
                continue
            if complete is None:
                self.failed(note.call_id, "", LOST)
            else:
                self._post(_report(note.call_id, note.started_at, complete))

    def _drop_note(self, call_id: str) -> None:
        try:
            self._notes.drop(call_id)
        except OSError as fault:
            # It will be told once more after the next start, which the desk takes calmly.
            log.warning("a note of a recording stays", extra={"reason": str(fault)})


class _Work:
    """One take in the thread: its tracks and its file."""

    def __init__(self, take: Take, writer: RecordingWriter) -> None:
        self.take = take
        self.over = False
        self._writer = writer
        self._tracks = Tracks(take.codec)
        self._file: UnfinishedFile | None = None
        self._taken = 0  # samples written

    def advance(self, now: float) -> None:
        """Write what is settled by now; close the file when the take has ended."""
        take = self.take
        try:
            if self._file is None:
                self._file = self._writer.open(take)
            ended = take.ended  # read before the packets: none comes after it
            self._drain()
            if ended is None:
                self._write(self._tracks.chunks(self._at(now)))
                return
            self._write(self._tracks.rest(self._at(ended)))
            self._finish(take.reason)
        except OSError as fault:
            log.warning("recording: %s", fault.strerror)
            self.fail("disk_full" if fault.errno in _FULL else "cannot_write")

    def fail(self, reason: str) -> None:
        """Report, and keep what was written so far."""
        self.over = True
        file = self._file
        kept = file is not None and file.chunks > 0
        self._writer.failed(self.take.call_id, file.path if file and kept else "", reason)
        try:
            self._finish(reason)
        except OSError as fault:
            log.error("a failed recording cannot be closed", extra={"reason": str(fault)})

    def _finish(self, reason: str) -> None:
        """Close the file and report it; one that was cut short before its first chunk goes."""
        if self._file is None:
            return
        if reason and not self._file.chunks:
            self._file.discard()
        else:
            self._writer.ended(self.take, self._file.finish(reason=reason))
        self.over = True

    def _drain(self) -> None:
        packets, sent, heard = self.take.packets, self._tracks.sent, self._tracks.heard
        while packets:
            arrived, from_customer, payload, codec = packets.popleft()
            track = heard if from_customer else sent
            track.add(self._at(arrived), payload, codec)

    def _write(self, chunks: Iterable[bytes]) -> None:
        for chunk in chunks:
            assert self._file is not None  # opened before
            samples = len(chunk) // 2
            paused = self._paused(self._taken, self._taken + samples)
            self._file.write(chunk, paused_ms=paused)
            self._taken += samples

    def _paused(self, first: int, last: int) -> int:
        """Milliseconds between two instants during which recording was paused."""
        take = self.take
        since = take.paused_since  # read before the pauses, among which it may be by then
        spans = {self._at(begin): self._at(end) for begin, end in list(take.pauses)}
        if since is not None:
            spans.setdefault(self._at(since), last)
        overlap = sum(max(0, min(last, end) - max(first, begin)) for begin, end in spans.items())
        return overlap * 1000 // SAMPLE_RATE

    def _at(self, instant: float) -> int:
        return round((instant - self.take.began) * SAMPLE_RATE)


def failure(call_id: str, path: str, reason: str) -> RecordingFailed:
    """The news that not all was recorded; `reason` is one of the codes above."""
    return RecordingFailed(call_id, path, Refusal(reason, _MESSAGES[reason]))


def _report(call_id: str, started_at: datetime, complete: Complete) -> RecordingEnded:
    return RecordingEnded(
        call_id=call_id,
        path=complete.path,
        sha256=complete.sha256,
        size_bytes=complete.size_bytes,
        duration_ms=complete.octets // _OCTETS_A_MS,
        started_at=started_at,
        paused_ms=complete.paused_ms,
        truncated=complete.truncated,
    )
