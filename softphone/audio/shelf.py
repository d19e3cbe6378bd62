"""The recordings this gateway can play, by the SHA-256 of their files: its own, and copies.

Its own lie in `PROMPT_DIR`, put there by hand; copies come from the desk and lie in a directory of
the gateway's. A copy is on the shelf when its octets have the hash the desk named, are sound, and
are on the disk for good (temporary file, fsync, rename); until then nothing of it can be played.
What the desk names no more is thrown away. Only a call that was placed before may still hear it.

Reading and writing happen beside the loop: a disk that stalls must not stall voices.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path

from softphone.audio.prompts import Sound
from softphone.audio.sound_files import read_sound
from softphone.audio.wav import BadSound
from softphone.protocol import Event, HoldMessages, MessageNotHeld, MessagesHeld, Refusal
from softphone.wire.copies import LARGEST_MESSAGE, MOST_MESSAGES, is_recording

_NEW = ".new"


class BadCopy(Exception):
    """What came cannot be kept; carries why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


class Shelf:
    """See the module. Raises OSError when the directory cannot be read."""

    def __init__(
        self, directory: Path, own: Mapping[str, Sound], *, report: Callable[[Event], None]
    ) -> None:
        self._directory = directory
        self._own = own
        self._report = report
        self._copies = _read_copies(directory)
        self._former: dict[str, Sound] = {}
        self._wanted: tuple[str, ...] = ()
        self._refused: dict[str, Refusal] = {}
        self.news = asyncio.Event()  # there may be something to fetch

    @property
    def held(self) -> tuple[str, ...]:
        """What can be played."""
        return tuple(sorted({*self._own, *self._copies}))

    @property
    def missing(self) -> tuple[str, ...]:
        """What the desk wants here and is not."""
        return tuple(name for name in self._wanted if self.find(name) is None)

    def find(self, recording: str) -> Sound | None:
        """What may be begun to be played now."""
        return self._own.get(recording) or self._copies.get(recording)

    def find_placed(self, recording: str) -> Sound | None:
        """The same for a call that was placed while it was approved."""
        return self.find(recording) or self._former.get(recording)

    def hold(self, command: HoldMessages) -> Refusal | None:
        """Want these and no others; told at once what there is of them."""
        hashes = all(map(is_recording, command.recordings))
        if len(command.recordings) > MOST_MESSAGES or not hashes:
            return Refusal("malformed", f"at most {MOST_MESSAGES} SHA-256 sums in hex")
        self._wanted = command.recordings
        dropped = self._copies.keys() - {*self._wanted}
        if dropped:
            self._former = {name: self._copies.pop(name) for name in dropped}
        for name in dropped:
            with contextlib.suppress(OSError):  # read again at the next start, and dropped again
                (self._directory / name).unlink()
        self._refused = {name: why for name, why in self._refused.items() if name in self.missing}
        self._tell()
        self.news.set()
        return None

    def refuse(self, recording: str, why: Refusal) -> None:
        """It could not be had; told when that is news."""
        if recording in self.missing and self._refused.get(recording) != why:
            self._refused[recording] = why
            self._tell()

    async def keep(self, recording: str, octets: bytes) -> None:
        """Put a whole file on the shelf, or refuse it."""
        try:
            sound = await asyncio.to_thread(_store, self._directory, recording, octets)
        except BadCopy as bad:
            self.refuse(recording, bad.refusal)
            return
        if recording not in self._wanted:  # withdrawn meanwhile
            with contextlib.suppress(OSError):
                (self._directory / recording).unlink()
            return
        self._copies[recording] = sound
        self._refused.pop(recording, None)
        self._tell()

    def _tell(self) -> None:
        refused = tuple(MessageNotHeld(name, why) for name, why in sorted(self._refused.items()))
        self._report(MessagesHeld(self.held, refused))


def _store(directory: Path, recording: str, octets: bytes) -> Sound:
    """Check, write and read back; raises `BadCopy`."""
    if len(octets) > LARGEST_MESSAGE:
        raise BadCopy(Refusal("too_large", f"more than {LARGEST_MESSAGE} octets"))
    if sha256(octets).hexdigest() != recording:
        raise BadCopy(Refusal("bad_hash", "these octets have another SHA-256"))
    new = directory / f"{recording}{_NEW}"
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with open(new, "wb") as file:
            file.write(octets)
            file.flush()
            os.fsync(file.fileno())
        sound = _read(new, recording)
        os.replace(new, directory / recording)
        _sync(directory)
    except (OSError, BadSound) as fault:
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)
        if isinstance(fault, OSError):
            raise BadCopy(Refusal("not_stored", fault.strerror or "disk error")) from fault
        raise BadCopy(Refusal("not_playable", "this is no sound")) from fault
    return sound


def _sync(directory: Path) -> None:
    opened = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _read(path: Path, recording: str) -> Sound:
    """With its payloads made, which would take a moment of a call's time later."""
    sound = Sound(recording, read_sound(path), recording)
    sound.frames("PCMU")
    sound.frames("PCMA")
    return sound


def _read_copies(directory: Path) -> dict[str, Sound]:
    """What an earlier run fetched; whatever is damaged or half there is thrown away."""
    found = {}
    for path in sorted(directory.glob("*")):
        try:
            if sha256(path.read_bytes()).hexdigest() == path.name:
                found[path.name] = _read(path, path.name)
                continue
        except BadSound:
            pass
        path.unlink()
    return found
