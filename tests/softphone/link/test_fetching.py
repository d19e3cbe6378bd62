"""Recordings fetched from the desk: what is kept, what is refused and why, what is forgotten."""

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from softphone.audio.shelf import Shelf
from softphone.audio.wav import write_wav
from softphone.link.fetching import fetch_messages
from softphone.protocol import Event, HoldMessages, MessagePart, MessagesHeld, Refusal, encode
from softphone.wire.copies import LARGEST_MESSAGE, PART
from tests.waiting import await_until


class Sender:
    """A desk with files; `cut` ends the connection at that request, `lies` replaces answers."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.asked: list[int] = []
        self.cut: int | None = None
        self.lies: dict[str, Any] | None = None

    def bring(self, octets: bytes) -> str:
        recording = sha256(octets).hexdigest()
        self.files[recording] = octets
        return recording

    async def answer(self, event: str, data: Any) -> object:
        assert event == "message_part"
        if self.cut == len(self.asked):
            raise ConnectionError("cut")
        recording, offset = data["recording"], data["offset"]
        self.asked.append(offset)
        octets = self.files.get(recording)
        if octets is None:
            return encode(Refusal("not_uploaded", "the desk has no such file"))
        text = base64.b64encode(octets[offset : offset + PART]).decode()
        return {**encode(MessagePart(recording, len(octets), offset, text)), **(self.lies or {})}


class Place:
    """A shelf in a directory, and the news it told."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory / "messages"
        self.news: list[Event] = []
        self.open()

    def open(self) -> None:
        """Begin, or begin anew as a process started again does."""
        self.shelf = Shelf(self.directory, {}, report=self.news.append)

    def want(self, *recordings: str) -> None:
        assert self.shelf.hold(HoldMessages(recordings)) is None

    @property
    def told(self) -> MessagesHeld:
        newest = self.news[-1]
        assert isinstance(newest, MessagesHeld)
        return newest

    def why_not(self) -> list[str]:
        return [each.reason.error_id for each in self.told.refused]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture
def sender() -> Iterator[Sender]:
    yield Sender()


def tone(path: Path, *, seconds: float = 1.0) -> bytes:
    count = int(8_000 * seconds)
    write_wav(path, 0.4 * np.sin(np.arange(count) / 8_000 * 2 * np.pi * 1_000))
    return path.read_bytes()


@asynccontextmanager
async def linked(place: Place, sender: Sender) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(fetch_messages(place.shelf, sender.answer))
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_what_is_wanted_comes_in_parts_and_outlives_the_process(
    tmp_path: Path, place: Place, sender: Sender
) -> None:
    octets = tone(tmp_path / "long.wav", seconds=9.0)
    recording = sender.bring(octets)
    place.want(recording)
    assert place.told == MessagesHeld((), ()), "on its way"
    async with linked(place, sender):
        await await_until(lambda: place.told.recordings == (recording,))
    assert sender.asked == [0, PART, 2 * PART]
    assert (place.directory / recording).read_bytes() == octets
    place.open()
    assert place.shelf.held == (recording,)
    place.want(recording)
    async with linked(place, sender):
        assert place.shelf.missing == ()
    assert len(sender.asked) == 3, "asked for once"


async def test_a_link_cut_in_the_middle_is_made_good_by_the_next(
    tmp_path: Path, place: Place, sender: Sender
) -> None:
    recording = sender.bring(tone(tmp_path / "long.wav", seconds=9.0))
    place.want(recording)
    sender.cut = 2
    async with linked(place, sender) as task:
        await await_until(task.done)
        assert isinstance(task.exception(), ConnectionError)
    assert place.shelf.held == ()
    assert not place.directory.exists(), "nothing of it is there"
    sender.cut = None
    async with linked(place, sender):
        await await_until(lambda: place.shelf.held == (recording,))


@pytest.mark.parametrize(
    ("lies", "why"),
    [
        ({"octets": "AAAA", "size_bytes": 3}, "bad_hash"),
        ({"size_bytes": LARGEST_MESSAGE + 1}, "too_large"),
        ({"octets": "no base64!"}, "bad_part"),
        ({"octets": ""}, "bad_part"),
        ({"offset": 7}, "bad_part"),
        ({"size_bytes": 1}, "bad_part"),
        ({"surprise": 1}, "bad_part"),
    ],
)
async def test_what_is_not_the_file_is_refused_and_never_played(
    tmp_path: Path, place: Place, sender: Sender, lies: dict[str, Any], why: str
) -> None:
    recording = sender.bring(tone(tmp_path / "short.wav"))
    place.want(recording)
    sender.lies = lies
    async with linked(place, sender):
        await await_until(lambda: place.why_not() == [why])
    assert place.shelf.find(recording) is None
    sender.lies = None
    place.want(recording)
    assert place.why_not() == [why], "told until it is there"
    async with linked(place, sender):
        await await_until(lambda: place.told == MessagesHeld((recording,), ()))


async def test_a_file_that_is_no_sound_and_one_nobody_uploaded_are_refused(
    place: Place, sender: Sender
) -> None:
    noise, nowhere = sender.bring(b"these are words"), "0" * 64
    place.want(nowhere, noise)
    async with linked(place, sender):
        await await_until(lambda: sorted(place.why_not()) == ["not_playable", "not_uploaded"])
    assert list(place.directory.glob("*")) == []


async def test_a_full_disk_is_told_and_what_came_is_not_played(
    tmp_path: Path, place: Place, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = sender.bring(tone(tmp_path / "short.wav"))
    place.want(recording)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        async with linked(place, sender):
            await await_until(lambda: place.why_not() == ["not_stored"])
    assert (place.shelf.held, list(place.directory.glob("*"))) == ((), [])
    async with linked(place, sender):
        await await_until(lambda: place.shelf.held == (recording,))


async def test_what_is_withdrawn_is_not_begun_any_more_and_gone_from_the_disk(
    tmp_path: Path, place: Place, sender: Sender
) -> None:
    recording = sender.bring(tone(tmp_path / "short.wav"))
    place.want(recording)
    async with linked(place, sender):
        await await_until(lambda: place.shelf.held == (recording,))
    place.want()
    assert place.told == MessagesHeld((), ())
    assert place.shelf.find(recording) is None
    assert place.shelf.find_placed(recording) is not None, "a call placed before may end with it"
    assert list(place.directory.glob("*")) == []


async def test_what_is_withdrawn_on_its_way_is_not_kept(
    tmp_path: Path, place: Place, sender: Sender
) -> None:
    octets = tone(tmp_path / "short.wav")
    place.want()
    await place.shelf.keep(sender.bring(octets), octets)
    assert (place.shelf.held, list(place.directory.glob("*"))) == ((), [])


async def test_a_damaged_copy_is_thrown_away_at_the_start_and_fetched_again(
    tmp_path: Path, place: Place, sender: Sender
) -> None:
    recording = sender.bring(tone(tmp_path / "short.wav"))
    place.want(recording)
    async with linked(place, sender):
        await await_until(lambda: place.shelf.held == (recording,))
    (place.directory / recording).write_bytes(b"half")
    (place.directory / f"{recording}.new").write_bytes(b"half")
    place.open()
    assert (place.shelf.held, list(place.directory.glob("*"))) == ((), [])


@pytest.mark.parametrize("name", ["../../epoch", "A" * 64, "0" * 63, ""])
def test_a_name_that_is_no_hash_is_refused(place: Place, name: str) -> None:
    refusal = place.shelf.hold(HoldMessages((name,)))
    assert refusal is not None
    assert refusal.error_id == "malformed"
