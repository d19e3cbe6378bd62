"""A copied log on disk: a folder of generations, each a copy of the database and what followed.

    FOLDER/2026-11-24T033000.000000Z/generation.json   when, keys, hashes, the place it began at
                                     desk.db           the file as it was read, for its log
                                     audit-head.log, imports/…, keys.json
                                     log-00000001/00000000   a turn of the log, in parts
                                                  00000052

A part is a line of JSON, then the log's own bytes, compressed. Each file is made under another
name, made durable and renamed, so that what has its name is whole, whenever we die. The instants
are the machine's.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agent_desk.store.backups.write_ahead_log import LogPart, Position

FILE = "generation.json"
FORMAT = 2
PARTIAL = ".partial"
_NAME = "%Y-%m-%dT%H%M%S.%fZ"


class GenerationDamaged(Exception):
    """A copied log that is not what was written; the message is for people."""


@dataclass(frozen=True)
class Part:
    """What a part says of itself. `at`: all in it was committed before; `uploads` were there, each
    a plain file name with its hash.

    `after` is the hash of the part before, so that none is missed; `heads` is what the audit
    chain's head log had gained, read before the log.
    """

    at: datetime
    after: str
    turn: int
    before: int
    frames: int
    last_commit: int
    salts: str
    checksum: str
    commits: int | None
    page_size: int
    sha256: str
    heads: str
    uploads: Mapping[str, str]

    @property
    def position(self) -> Position:
        """Where it ends."""
        salts, checksum = bytes.fromhex(self.salts), bytes.fromhex(self.checksum)
        return Position(self.turn, salts, self.frames, checksum, self.commits)


def part_of(
    copied: LogPart, *, at: datetime, after: str, heads: str, uploads: Mapping[str, str]
) -> tuple[Part, bytes]:
    """A part of the log as it is kept, and its bytes."""
    data = zlib.compress(copied.data, 1)
    end = copied.end
    told = Part(
        at=at,
        after=after,
        turn=end.turn,
        before=copied.before,
        frames=end.frames,
        last_commit=copied.last_commit,
        salts=end.salts.hex(),
        checksum=end.checksum.hex(),
        commits=end.commits,
        page_size=copied.page_size,
        sha256=hashlib.sha256(data).hexdigest(),
        heads=heads,
        uploads=dict(uploads),
    )
    return told, data


@dataclass(frozen=True)
class Origin:
    """What a generation says of itself. It can be restored as of `whole_at` and later.

    `files` are hashes by name, and so are the `uploads` that were there.
    """

    began_at: datetime
    whole_at: datetime
    keys: dict[str, list[str]]
    keys_included: bool
    files: dict[str, str]
    uploads: Mapping[str, str]
    start: Position


@dataclass(frozen=True)
class Generation:
    """One of a folder's generations; finished ones have a `generation.json`."""

    folder: Path

    @property
    def began_at(self) -> datetime:
        """As its name tells."""
        return datetime.strptime(self.folder.name, _NAME).replace(tzinfo=UTC)

    def origin(self) -> Origin:
        """GenerationDamaged."""
        try:
            told = json.loads((self.folder / FILE).read_text("utf-8"))
            if told.pop("format") != FORMAT:
                raise GenerationDamaged(f"{self.folder}: of another version of the program")
            start = told.pop("start")
            for name in ("salts", "checksum"):
                start[name] = bytes.fromhex(start[name])
            for name in ("began_at", "whole_at"):
                told[name] = datetime.fromisoformat(told[name])
            told["files"], told["uploads"] = _named(told["files"]), _named(told["uploads"])
            return Origin(start=Position(**start), **told)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as fault:
            raise GenerationDamaged(f"{self.folder / FILE}: {fault}") from None

    def parts(self) -> Iterator[tuple[Part, Path]]:
        """In their order; GenerationDamaged when one is missing or its line cannot be read."""
        turn, frames, after = 0, 0, ""
        for path in sorted(self.folder.glob("log-*/[0-9]*[0-9]")):
            part = _told(path)
            follows = (part.turn, part.before) in ((turn, frames), (turn + 1, 0))
            follows = follows if after else part.before == 0
            if not follows or part.after != after or path != self.place(part):
                raise GenerationDamaged(f"{path} does not follow on what is before it")
            turn, frames, after = part.turn, part.frames, part.sha256
            yield part, path

    def place(self, part: Part) -> Path:
        """Where a part is kept."""
        return self.folder / f"log-{part.turn:08d}" / f"{part.before:08d}"

    def add(self, part: Part, data: bytes) -> None:
        """Keep a part, durably."""
        line = json.dumps({**asdict(part), "at": part.at.isoformat()}).encode()
        path = self.place(part)
        if not path.parent.exists():
            path.parent.mkdir(mode=0o700)
            sync(self.folder)
        write(path, line + b"\n" + data)

    def tell(self, origin: Origin) -> None:
        """Write down what it is: from then on it is one."""
        start = asdict(origin.start)
        for name in ("salts", "checksum"):
            start[name] = start[name].hex()
        told = {**asdict(origin), "start": start, "format": FORMAT}
        for name in ("began_at", "whole_at"):
            told[name] = told[name].isoformat()
        write(self.folder / FILE, f"{json.dumps(told, indent=2)}\n".encode())


def data_of(part: Part, path: Path) -> bytes:
    """The log's bytes in a part; GenerationDamaged."""
    _, _, data = path.read_bytes().partition(b"\n")
    if hashlib.sha256(data).hexdigest() != part.sha256:
        raise GenerationDamaged(f"{path} is not what was written: it is damaged")
    return zlib.decompress(data)


def every(folder: Path) -> list[Generation]:
    """The finished ones, the oldest first."""
    return [Generation(path.parent) for path in sorted(folder.glob(f"*Z/{FILE}"))]


def begin(folder: Path, at: datetime) -> Generation:
    """A new folder, under a name that is none yet; `finish` gives it its own."""
    made = folder / f"{at.astimezone(UTC).strftime(_NAME)}{PARTIAL}"
    made.mkdir(mode=0o700)
    return Generation(made)


def finish(generation: Generation) -> Generation:
    """Give it its name."""
    named = generation.folder.with_suffix("")
    sync(generation.folder)
    os.replace(generation.folder, named)
    sync(named.parent)
    return Generation(named)


def clear(folder: Path) -> None:
    """Remove what was being made when somebody died."""
    for left in folder.glob(f"*Z{PARTIAL}"):
        shutil.rmtree(left)
    for left in folder.glob(f"*Z/**/*{PARTIAL}"):
        left.unlink()


def forget(folder: Path, before: datetime) -> list[Generation]:
    """Remove generations that a younger one had replaced by `before`; which."""
    found = every(folder)
    gone = [
        older for older, younger in zip(found, found[1:], strict=False) if younger.began_at < before
    ]
    for generation in gone:
        (generation.folder / FILE).unlink()
        shutil.rmtree(generation.folder)
    return gone


def write(path: Path, data: bytes) -> None:
    """A whole file or none, durable, for nobody else's eyes."""
    partial = path.with_name(f"{path.name}{PARTIAL}")
    with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, path)
    sync(path.parent)


def write_chunks(path: Path, chunks: Iterator[bytes], *, rest: Callable[[], None]) -> str:
    """A large file from its chunks, durable; its hash. `rest` is called after each."""
    seen = hashlib.sha256()
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        for chunk in chunks:
            file.write(chunk)
            seen.update(chunk)
            rest()
        file.flush()
        os.fsync(file.fileno())
    return seen.hexdigest()


def sync(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _told(path: Path) -> Part:
    try:
        with path.open("rb") as file:
            told: dict[str, Any] = json.loads(file.readline())
        told["at"] = datetime.fromisoformat(told["at"])
        told["uploads"] = _named(told["uploads"])
        return Part(**told)
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        raise GenerationDamaged(f"{path} is damaged: {fault}") from None


def _named(told: Any) -> dict[str, str]:
    """Hashes by file name. Whoever can write a list of names must not choose what is read or
    written elsewhere by it: ValueError for a name that is no plain one."""
    for name in told:
        if name in ("", ".", "..") or set(name) & {"/", "\\", "\0"}:
            raise ValueError(f"{name!r} is no name of a file")
    return {name: str(sha256) for name, sha256 in told.items()}
