"""The recorder: what it keeps of a call, and that nothing the disk does reaches the call."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import threading
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from softphone.audio.g711 import Codec
from softphone.protocol import Event, PauseRecording, RecordingEnded, RecordingFailed, Refusal
from softphone.recording import disk as recording_disk
from softphone.recording import recorder as recorder_module
from softphone.recording.recorder import CallRecording, Recorder
from softphone.recording.writer import RecordingNews, RecordingWriter, Take
from softphone.recording_file import Contents, Reader
from softphone.rtp.leg import Tap
from tests.waiting import await_until

KEY = bytes(range(32))
STARTED = datetime(2026, 4, 1, 1, 0, tzinfo=UTC)
LOUD = bytes([0x10]) * 160
LOUDER = bytes([0x00]) * 160


class Line:
    """A customer's line: the tap is all the recorder knows of it."""

    tap: Tap | None = None
    codec: Codec = "PCMU"

    def pass_both(self) -> None:
        """A packet each way."""
        if self.tap is not None:
            self.tap.sent(LOUDER, "PCMU")
        if self.tap is not None:
            self.tap.heard(LOUD, "PCMU")


class Gateway:
    """A recorder and what it reported."""

    def __init__(self, directory: Path, notes: Path) -> None:
        self.directory = directory
        self.events: list[Event] = []
        self.recorder = Recorder(
            directory=directory,
            notes=notes,
            keys=(KEY,),
            report=self.events.append,
            business_now=lambda: STARTED,
        )
        self.recorder.start()

    async def ended(self, call_id: str) -> RecordingEnded:
        def found() -> RecordingEnded | None:
            ends = [e for e in self.events if isinstance(e, RecordingEnded)]
            return next((e for e in ends if e.call_id == call_id), None)

        event = await await_until(found, what=f"the end of {call_id}: {self.events}")
        assert event is not None
        return event

    async def failed(self, call_id: str) -> RecordingFailed:
        def found() -> RecordingFailed | None:
            ends = [e for e in self.events if isinstance(e, RecordingFailed)]
            return next((e for e in ends if e.call_id == call_id), None)

        event = await await_until(found, what=f"the failure of {call_id}: {self.events}")
        assert event is not None
        return event

    async def stop(self) -> None:
        await self.recorder.stop(within_s=2.0)


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[Gateway]:
    gateway = Gateway(tmp_path / "recordings", tmp_path / "notes")
    yield gateway
    await gateway.stop()


def opened(path: Path) -> tuple[Reader, Contents]:
    data = path.read_bytes()
    reader = Reader(lambda offset, length: data[offset : offset + length], (KEY,))
    return reader, reader.verify(len(data))


def sides(path: Path) -> tuple[bytes, bytes]:
    """What was sent, what was heard."""
    reader, contents = opened(path)
    chunks = [reader.chunk(number) for number in range(contents.chunks)]
    sent = b"".join(chunk[: len(chunk) // 2] for chunk in chunks)
    return sent, b"".join(chunk[len(chunk) // 2 :] for chunk in chunks)


async def talk(line: Line, packets: int) -> None:
    for _ in range(packets):
        line.pass_both()
        await asyncio.sleep(0.02)  # pace: packets of 20 ms


async def test_a_call_leaves_one_sealed_file_whose_hash_was_reported(gateway: Gateway) -> None:
    line = Line()
    recording = gateway.recorder.record("c1", line)
    await talk(line, 60)
    recording.stop()
    event = await gateway.ended("c1")
    path = gateway.directory / event.path
    data = path.read_bytes()
    assert event.path == "2026/04/01/c1.rec"
    assert event.sha256 == hashlib.sha256(data).hexdigest()
    assert event.size_bytes == len(data)
    assert event.started_at == STARTED
    assert not event.truncated
    sent, heard = sides(path)
    assert len(sent) == len(heard)
    assert len(sent) // 8 == event.duration_ms
    assert sent.count(LOUDER[0]) > 50 * 160
    assert heard.count(LOUD[0]) > 50 * 160
    assert LOUD not in sent
    assert LOUDER not in heard
    assert LOUD not in data


async def test_only_the_owner_can_read_files_and_directories(gateway: Gateway) -> None:
    gateway.recorder.record("c1", Line()).stop()
    path = gateway.directory / (await gateway.ended("c1")).path
    assert path.stat().st_mode & 0o077 == 0
    for parent in (path.parent, path.parent.parent, path.parent.parent.parent):
        assert parent.stat().st_mode & 0o077 == 0


async def test_a_call_id_with_a_path_in_it_stays_in_the_directory(gateway: Gateway) -> None:
    gateway.recorder.record("../../etc/passwd", Line()).stop()
    event = await gateway.ended("../../etc/passwd")
    assert ".." not in event.path
    assert (gateway.directory / event.path).exists()


async def test_a_pause_is_silence_on_both_sides_and_its_length_is_told(gateway: Gateway) -> None:
    line = Line()
    recording = gateway.recorder.record("c1", line)
    await talk(line, 30)
    assert gateway.recorder.pause(PauseRecording("c1", on=True)) is None
    assert line.tap is None
    await talk(line, 40)
    gateway.recorder.pause(PauseRecording("c1", on=True))  # pressed twice
    assert gateway.recorder.pause(PauseRecording("c1", on=False)) is None
    assert line.tap is recording
    await talk(line, 30)
    recording.stop()
    event = await gateway.ended("c1")
    for side in sides(gateway.directory / event.path):
        silent = max(len(part) for part in side.replace(b"\x00", b"\x10").split(b"\x10"))
        assert silent / 8 >= event.paused_ms - 100
    assert event.paused_ms >= 40 * 20 - 1


def test_a_pause_at_the_end_of_the_call_ends_with_it(tmp_path: Path) -> None:
    by_hand = Killed(tmp_path)
    line, take = Line(), Take("c1", "PCMU", STARTED, by_hand.now)
    by_hand.writer.add(take)
    recording = CallRecording(line, take, now=lambda: by_hand.now, on_slow=lambda take: None)
    by_hand.now += 1.0
    recording.pause(True)
    by_hand.now += 1.5
    recording.stop()
    by_hand.now += 1.0
    recording.pause(False)
    recording.stop()
    by_hand.writer.do_round()
    (event,) = by_hand.events
    assert isinstance(event, RecordingEnded)
    assert line.tap is None
    assert (event.paused_ms, event.duration_ms) == (1500, 2500)


async def test_a_call_that_is_not_recorded_cannot_be_paused(gateway: Gateway) -> None:
    refusal = gateway.recorder.pause(PauseRecording("c9", on=True))
    assert isinstance(refusal, Refusal)
    assert refusal.error_id == "not_recorded"


async def test_a_disk_that_fills_up_ends_the_recording_and_nothing_else(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F25 at the seam: ENOSPC while writing. What was written before can be played."""
    line = Line()
    recording = gateway.recorder.record("c1", line)
    path = gateway.directory / "2026/04/01/c1.rec.part"
    await await_until(lambda: path.exists() and path.stat().st_size > 8000 or line.pass_both())
    monkeypatch.setattr(recording_disk.os, "write", _raise(errno.ENOSPC))
    await await_until(lambda: line.tap is None or line.pass_both())
    failed = await gateway.failed("c1")
    assert failed.reason.error_id == "disk_full"
    ended = await gateway.ended("c1")
    assert ended.truncated
    assert opened(gateway.directory / ended.path)[1].truncated
    assert ended.sha256 == hashlib.sha256((gateway.directory / ended.path).read_bytes()).hexdigest()
    line.pass_both()
    recording.stop()
    monkeypatch.undo()
    gateway.recorder.record("c2", line).stop()
    assert not (await gateway.ended("c2")).truncated


async def test_a_directory_that_cannot_be_written_fails_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "recordings").write_text("a file where the directory should be")
    gateway = Gateway(tmp_path / "recordings", tmp_path / "notes")
    line = Line()
    gateway.recorder.record("c1", line)
    failed = await gateway.failed("c1")
    assert (failed.path, failed.reason.error_id) == ("", "cannot_write")
    assert line.tap is None
    await gateway.stop()


async def test_a_disk_that_hangs_costs_the_call_neither_time_nor_memory(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = threading.Event()
    write = os.write

    def hang(descriptor: int, data: Any) -> int:
        released.wait(10)
        return write(descriptor, data)

    monkeypatch.setattr(recording_disk.os, "write", hang)
    monkeypatch.setattr(recorder_module, "MOST_WAITING", 100)
    line = Line()
    gateway.recorder.record("c1", line)
    for _ in range(100):
        line.pass_both()
    failed = [e for e in gateway.events if isinstance(e, RecordingFailed)]
    assert [e.reason.error_id for e in failed] == ["too_slow"]
    assert line.tap is None
    released.set()
    assert (await gateway.ended("c1")).truncated


async def test_many_calls_are_written_side_by_side(gateway: Gateway) -> None:
    lines = [Line() for _ in range(20)]
    recordings = [gateway.recorder.record(f"c{n}", line) for n, line in enumerate(lines)]
    for _ in range(20):
        for line in lines:
            line.pass_both()
        await asyncio.sleep(0.02)  # pace: packets of 20 ms
    for recording in recordings:
        recording.stop()
    for n in range(20):
        event = await gateway.ended(f"c{n}")
        assert sides(gateway.directory / event.path)[1].count(LOUD[0]) > 15 * 160


# --- a process that was killed ------------------------------------------------------------------


class Killed:
    """A writer driven by hand, which stops between two rounds as if it had been killed."""

    def __init__(self, tmp_path: Path) -> None:
        self.events: list[RecordingNews] = []
        self.now = 100.0
        self.directory = tmp_path / "recordings"
        self.writer = RecordingWriter(
            directory=self.directory,
            notes=tmp_path / "notes",
            keys=(KEY,),
            post=self.events.append,
            now=lambda: self.now,
        )

    def talk(self, seconds: float) -> Take:
        take = Take("c1", "PCMU", STARTED, self.now)
        self.writer.add(take)
        for n in range(round(seconds * 50)):
            self.now += 0.02
            take.packets.append((self.now, True, bytes([1 + n // 50]) * 160, "PCMU"))
            if n % 5 == 0:
                self.writer.do_round()
        return take


def restarted(
    tmp_path: Path, events: list[RecordingNews], keys: tuple[bytes, ...] = (KEY,)
) -> RecordingWriter:
    writer = RecordingWriter(
        directory=tmp_path / "recordings", notes=tmp_path / "notes", keys=keys, post=events.append
    )
    writer.start()
    return writer


def recovered(tmp_path: Path, keys: tuple[bytes, ...] = (KEY,)) -> list[RecordingNews]:
    events: list[RecordingNews] = []
    restarted(tmp_path, events, keys).stop(within_s=5.0)
    return events


def test_what_a_killed_process_recorded_is_closed_and_told_by_the_next(tmp_path: Path) -> None:
    """F42: playable to the last 2 s, and it says that it is truncated."""
    Killed(tmp_path).talk(10.0)
    (event,) = recovered(tmp_path)
    assert isinstance(event, RecordingEnded)
    assert event.truncated
    assert event.duration_ms >= 8_000
    path = tmp_path / "recordings" / event.path
    assert opened(path)[1].closing is not None
    assert event.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert sides(path)[1][-1] >= 9  # the ninth second is there


def test_a_torn_last_chunk_is_cut_off(tmp_path: Path) -> None:
    killed = Killed(tmp_path)
    killed.talk(3.0)
    part = killed.directory / "2026/04/01/c1.rec.part"
    with open(part, "ab") as file:
        file.write(b"\x01\x00\x00\x1f\x52torn")
    (event,) = recovered(tmp_path)
    assert isinstance(event, RecordingEnded)
    opened(killed.directory / event.path)


def test_a_recording_begun_under_the_key_before_is_closed_under_it(tmp_path: Path) -> None:
    Killed(tmp_path).talk(3.0)
    (event,) = recovered(tmp_path, (bytes(32), KEY))
    assert isinstance(event, RecordingEnded)
    assert opened(tmp_path / "recordings" / event.path)[1].closing is not None


def test_a_recording_of_a_key_that_is_missing_waits_for_it(tmp_path: Path) -> None:
    Killed(tmp_path).talk(3.0)
    assert recovered(tmp_path, (bytes(32),)) == []
    (event,) = recovered(tmp_path)
    assert isinstance(event, RecordingEnded)


def test_it_is_told_again_until_the_desk_has_stored_it_and_then_no_more(tmp_path: Path) -> None:
    Killed(tmp_path).talk(3.0)
    first = recovered(tmp_path)
    assert recovered(tmp_path) == first
    events: list[RecordingNews] = []
    writer = restarted(tmp_path, events)
    writer.forget("c1")
    writer.stop(within_s=5.0)
    assert events == first
    assert recovered(tmp_path) == []


def test_a_recording_that_was_complete_but_not_told_is_told(tmp_path: Path) -> None:
    killed = Killed(tmp_path)
    take = killed.talk(3.0)
    take.ended = killed.now
    killed.writer.do_round()
    assert recovered(tmp_path) == killed.events
    assert killed.events[0].call_id == "c1"


def test_the_paused_time_survives_the_kill(tmp_path: Path) -> None:
    killed = Killed(tmp_path)
    take = Take("c1", "PCMU", STARTED, killed.now)
    killed.writer.add(take)
    take.pauses.append((killed.now + 1.0, killed.now + 2.5))
    for _ in range(50):
        killed.now += 0.1
        killed.writer.do_round()
    (event,) = recovered(tmp_path)
    assert isinstance(event, RecordingEnded)
    assert event.paused_ms == 1500


@pytest.mark.parametrize("left", [b"", b"AGDREC1\n\x01"])
def test_a_recording_without_a_sound_is_told_as_lost(tmp_path: Path, left: bytes) -> None:
    killed = Killed(tmp_path)
    killed.writer.add(Take("c1", "PCMU", STARTED, killed.now))
    killed.writer.do_round()
    (killed.directory / "2026/04/01/c1.rec.part").write_bytes(left)
    (event,) = recovered(tmp_path)
    assert isinstance(event, RecordingFailed)
    assert (event.path, event.reason.error_id) == ("", "lost")


def _raise(number: int) -> Callable[..., int]:
    def write(descriptor: int, data: Any) -> int:
        raise OSError(number, os.strerror(number))

    return write


def test_a_recording_is_the_ear_of_a_line() -> None:
    line = Line()
    take = Take("c1", "PCMU", STARTED, 0.0)
    recording = CallRecording(line, take, now=lambda: 1.0, on_slow=lambda take: None)
    assert line.tap is recording
