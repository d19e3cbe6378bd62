"""The recorder's side of the loop: it overhears a customer's line and queues what passes.

For each packet an instant, the payload and its law are appended to a queue, under a microsecond.
Everything else is the writing thread's (`recording/writer.py`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from softphone.audio.g711 import Codec
from softphone.protocol import Event, PauseRecording, RecordingEnded, RecordingFailed, Refusal
from softphone.recording.disk import path_of
from softphone.recording.writer import TOO_SLOW, RecordingNews, RecordingWriter, Take, failure
from softphone.rtp.leg import Tap

# Packets of both directions waiting for the thread: half a minute, under 2 MB. More means that the
# disk has stopped.
MOST_WAITING = 3000


class TappedLine(Protocol):
    """What is needed of a customer's line (`customer.line.CustomerLine`)."""

    tap: Tap | None

    @property
    def codec(self) -> Codec: ...


class CallRecording:
    """The recording of one call, from the bridge to `stop`. It is the line's `Tap`."""

    __slots__ = ("_line", "_now", "_on_slow", "_packets", "_take", "paused")

    def __init__(
        self,
        line: TappedLine,
        take: Take,
        *,
        now: Callable[[], float],
        on_slow: Callable[[Take], None],
    ) -> None:
        self.paused = False
        self._line = line
        self._take = take
        self._packets = take.packets
        self._now = now
        self._on_slow = on_slow
        line.tap = self

    def heard(self, payload: bytes, codec: Codec, /) -> None:
        """See `Tap`."""
        if len(self._packets) < MOST_WAITING:
            self._packets.append((self._now(), True, payload, codec))
        else:
            self._give_up()

    def sent(self, payload: bytes, codec: Codec, /) -> None:
        """See `Tap`."""
        if len(self._packets) < MOST_WAITING:
            self._packets.append((self._now(), False, payload, codec))
        else:
            self._give_up()

    def pause(self, on: bool) -> None:
        """On: nothing is kept, and silence stands in the file, until it is off again."""
        if on == self.paused or self._take.ended is not None:
            return
        self.paused = on
        self._line.tap = None if on else self
        if on:
            self._take.paused_since = self._now()
        else:
            self._close_pause()

    def stop(self) -> None:
        """The call is over, or goes on where it must not be heard. Stopping twice is harmless."""
        if self._take.ended is not None:
            return
        if self._line.tap is self:
            self._line.tap = None
        self._close_pause()
        self._take.ended = self._now()

    def _give_up(self) -> None:
        self._take.reason = TOO_SLOW
        self.stop()
        self._on_slow(self._take)

    def _close_pause(self) -> None:
        since = self._take.paused_since
        if since is not None:
            # In this order: the thread must not miss the pause in between.
            self._take.pauses.append((since, self._now()))
            self._take.paused_since = None


class Recorder:
    """All recordings of this gateway. `report` is called in the loop."""

    def __init__(
        self,
        *,
        directory: Path,
        notes: Path,
        keys: Sequence[bytes],
        report: Callable[[Event], None],
        business_now: Callable[[], datetime],
    ) -> None:
        """`directory` is RECORDING_DIR, `notes` a directory of this gateway alone."""
        self._loop = asyncio.get_running_loop()
        self._report = report
        self._business_now = business_now
        self._live: dict[str, CallRecording] = {}
        self._writer = RecordingWriter(
            directory=directory, notes=notes, keys=keys, post=self._post, now=self._loop.time
        )

    def start(self) -> None:
        """Report what an earlier process left, and be ready."""
        self._writer.start()

    def record(self, call_id: str, line: TappedLine) -> CallRecording:
        """Begin: from now on everything on this line is kept."""
        now = self._loop.time
        take = Take(call_id, line.codec, self._business_now(), now())
        self._writer.add(take)
        recording = CallRecording(line, take, now=now, on_slow=self._too_slow)
        self._live[call_id] = recording
        return recording

    def pause(self, command: PauseRecording) -> Refusal | None:
        """Carry the command out."""
        recording = self._live.get(command.call_id)
        if recording is None:
            return Refusal("not_recorded", f"call {command.call_id} is not being recorded")
        recording.pause(command.on)
        return None

    def stored(self, event: Event) -> None:
        """The desk has stored an event; the last one of a recording makes its note needless."""
        match event:
            case RecordingEnded() | RecordingFailed(path=""):
                self._writer.forget(event.call_id)

    async def stop(self, *, within_s: float) -> None:
        """Close the files of calls that have ended."""
        await asyncio.to_thread(self._writer.stop, within_s=within_s)

    def _post(self, event: RecordingNews) -> None:
        try:
            self._loop.call_soon_threadsafe(self._tell, event)
        except RuntimeError:
            """The loop is closed: the note is still there, and the next start will tell."""

    def _tell(self, event: RecordingNews) -> None:
        recording = self._live.pop(event.call_id, None)
        if recording is not None:
            recording.stop()
        self._report(event)

    def _too_slow(self, take: Take) -> None:
        """Said at once: the thread hangs."""
        self._tell(failure(take.call_id, path_of(take.call_id, take.started_at), TOO_SLOW))
