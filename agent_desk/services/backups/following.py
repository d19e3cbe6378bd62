"""A backup that follows a desk on SQLite: a copy of the database, then its log, second by second.

What a dead disk costs is then what was committed since the last look. Killed at any moment, the
next one goes on where it is still the same turn of the log, and else with a new copy; the same
after a full disk. The desk knows nothing of it: it may stop, start and migrate meanwhile.

A new generation is begun when the log that followed the copy is longer than the copy and a
restore would take long; the older ones go when they are no longer wanted.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from agent_desk.services.backups.manifest import digest_of, fingerprints
from agent_desk.services.backups.taking import (
    KEYS_FILE,
    SQLITE_FILE,
    UPLOADS,
    BackupRefused,
    write_keys,
)
from agent_desk.store import audit
from agent_desk.store.backups import generations, places
from agent_desk.store.backups.generations import Generation, GenerationDamaged, Origin
from agent_desk.store.backups.log_source import LogSource
from agent_desk.store.backups.write_ahead_log import LogLost, LogPart, Position
from config import DeskConfig

LOCK_FILE = "follow.lock"
AGAIN_S = 5.0
KEPT = timedelta(hours=48)
# SQLite has the desk itself tidy a log of 4,000 pages, with everybody waiting: do it before.
LONG_LOG = 1_000
MUCH_LOG = 256 << 20
_REST_S = 0.01
_CHUNKS_A_LOOK = 16


@dataclass
class _Following:
    """The generation at work: where it is, how long the copy was and what followed, in bytes."""

    generation: Generation
    position: Position
    copied: int
    last: str = ""
    heads: int = 0
    followed: int = 0
    turned_over: Position | None = None
    uploads: dict[str, str] = field(default_factory=dict)  # hashes by name


class Follower:
    """Copies into `folder` what is committed. `tell` hears sentences for people.

    `run` is the whole of it; `open`, `look` and `close` are its steps. `enough`: after how many
    bytes of log a new copy is made, for a copy of so many.
    """

    def __init__(
        self,
        config: DeskConfig,
        folder: Path,
        *,
        now: Callable[[], datetime],
        tell: Callable[[str], None],
        with_keys: bool = False,
        kept: timedelta = KEPT,
        enough: Callable[[int], int] = lambda copied: max(MUCH_LOG, copied),
    ) -> None:
        if places.kind_of(config.database_url) != "sqlite":
            raise BackupRefused(
                "PostgreSQL ships its log itself: see pg_receivewal in docs/deploy.md"
            )
        self._config, self._folder = config, folder
        self._now, self._tell = now, tell
        self._with_keys, self._kept, self._enough = with_keys, kept, enough
        self._source: LogSource | None = None
        self._at: _Following | None = None

    def run(self, stopping: threading.Event, *, every_s: float) -> None:
        """Look so often until stopped, and once more then. BackupRefused: another one is here."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        said = ""
        with _alone(self._folder):
            while not stopping.is_set():
                try:
                    self._follow(stopping, every_s)
                except LogLost as lost:
                    self._tell(f"{lost}: beginning with a new copy")
                    stopping.wait(every_s)
                except (OSError, sqlite3.Error) as fault:
                    told = f"NOTHING IS BACKED UP NOW: {fault}. The desk works on; trying again"
                    if told != said:
                        self._tell(told)
                    said = told
                    stopping.wait(AGAIN_S)

    def open(self) -> None:
        """Go on with the newest generation, or begin one."""
        generations.clear(self._folder)
        self._source = LogSource(places.file_of(self._config.database_url))
        try:
            self._at = self._resumed()
        except (LogLost, GenerationDamaged) as lost:
            self._tell(f"{lost}: beginning with a new copy")
        if self._at is None:
            self._begin()
        else:
            self._tell(f"going on with {self._at.generation.folder}")

    def look(self) -> None:
        """Copy what was committed since. Afterwards it is durable in the folder."""
        source, at = self._opened()
        source.renew(lambda: self._ship(at, source.log.since(at.position)))
        if at.position.frames >= LONG_LOG and at.position != at.turned_over:
            rest = source.turn_over(lambda: list(source.log.since(at.position)))
            self._ship(at, iter(rest or ()))
            at.turned_over = None if rest is None else at.position
        if at.followed > self._enough(at.copied):
            self._begin()

    def close(self) -> None:
        """Let the desk's log go."""
        source, self._source, self._at = self._source, None, None
        if source is not None:
            source.close()

    def _follow(self, stopping: threading.Event, every_s: float) -> None:
        try:
            self.open()
            while True:
                stopped = stopping.wait(every_s)
                self.look()
                if stopped:
                    return
        finally:
            self.close()

    def _opened(self) -> tuple[LogSource, _Following]:
        assert self._source is not None and self._at is not None, "open() comes first"
        return self._source, self._at

    def _resumed(self) -> _Following | None:
        """The newest generation, if the log can be proven to go on where it ends. LogLost."""
        found = generations.every(self._folder)
        if not found or self._source is None:
            return None
        generation = found[-1]
        origin = generation.origin()
        wanted = (fingerprints(self._config), self._with_keys)
        if (origin.keys, origin.keys_included) != wanted:
            raise LogLost("the keys are others than they were")
        at = _Following(
            generation=generation,
            position=origin.start,
            copied=(generation.folder / SQLITE_FILE).stat().st_size,
            heads=_size(generation.folder / audit.HEAD_LOG),
            uploads=dict(origin.uploads),
        )
        for part, path in generation.parts():
            at.position, at.last = part.position, part.sha256
            at.heads += len(part.heads)
            at.followed += path.stat().st_size
            at.uploads.update(part.uploads)
        # Nobody held the log meanwhile: only the same turn, with its checksums, proves anything.
        if at.position.frames == 0 or self._source.log.end().salts != at.position.salts:
            raise LogLost("the log was begun anew meanwhile")
        self._ship(at, self._source.log.since(at.position))
        return at

    def _begin(self) -> None:
        """A new generation; the old one is looked after while the copy is made."""
        assert self._source is not None
        began_at = self._now()
        with ExitStack() as undo:
            generation = generations.begin(self._folder, began_at)
            undo.callback(shutil.rmtree, generation.folder, ignore_errors=True)
            heads = _copied_heads(self._config, generation.folder)
            with self._source.still() as chunks:
                digest = generations.write_chunks(
                    generation.folder / SQLITE_FILE, chunks, rest=self._between()
                )
                start = self._source.log.end().position(turn=1)
                copied = (generation.folder / SQLITE_FILE).stat().st_size
                made = _Following(generation, start, copied=copied, heads=heads)
                self._ship(made, self._source.log.since(None))
            self._keep_uploads(made)
            self._finish(made, began_at, start, digest)
            made.generation = generations.finish(generation)
            undo.pop_all()
        self._at = made
        self._tell(f"{made.generation.folder}: a copy of {copied / 1e6:.1f} MB; following it")
        for gone in generations.forget(self._folder, began_at - self._kept):
            self._tell(f"{gone.folder} was removed: a younger one is old enough")

    def _between(self) -> Callable[[], None]:
        """What is done between two parts of a copy: the disk is the desk's, the old one goes on."""
        source, at = self._source, self._at
        count = 0

        def rest() -> None:
            nonlocal count
            count += 1
            time.sleep(_REST_S)
            if source is not None and at is not None and count % _CHUNKS_A_LOOK == 0:
                source.renew(lambda: self._ship(at, source.log.since(at.position)))

        return rest

    def _finish(self, made: _Following, began_at: datetime, start: Position, digest: str) -> None:
        folder = made.generation.folder
        if self._with_keys:
            write_keys(self._config, folder)
        files = {SQLITE_FILE: digest}
        for name in (audit.HEAD_LOG, KEYS_FILE):
            if (folder / name).exists():
                files[name] = digest_of(folder / name).sha256
        made.generation.tell(
            Origin(
                began_at=began_at,
                whole_at=self._now(),
                keys=fingerprints(self._config),
                keys_included=self._with_keys,
                files=files,
                uploads=dict(made.uploads),
                start=start,
            )
        )

    def _ship(self, at: _Following, parts: Iterator[LogPart]) -> None:
        """Keep parts of the log, with what they may speak of: heads before, uploads after."""
        heads = _heads_after(self._config.data_dir / audit.HEAD_LOG, at.heads)
        for copied in parts:
            now = self._now()
            uploads = self._keep_uploads(at)
            part, data = generations.part_of(
                copied, at=now, after=at.last, heads=heads, uploads=uploads
            )
            at.generation.add(part, data)
            at.position, at.last = part.position, part.sha256
            at.heads += len(heads)
            at.followed += len(data)
            heads = ""

    def _keep_uploads(self, at: _Following) -> dict[str, str]:
        """Copy the files that wait for the worker and are not here yet; the hashes of all."""
        found = {}
        for path in sorted((self._config.data_dir / UPLOADS).glob("*")):
            kept = at.generation.folder / UPLOADS / path.name
            try:
                if path.name not in at.uploads and path.is_file():
                    kept.parent.mkdir(mode=0o700, exist_ok=True)
                    octets = path.read_bytes()
                    generations.write(kept, octets)
                    at.uploads[path.name] = sha256(octets).hexdigest()
            except FileNotFoundError:
                continue  # the worker has done with it
            if path.name in at.uploads:
                found[path.name] = at.uploads[path.name]
        return found


def _copied_heads(config: DeskConfig, folder: Path) -> int:
    """Copy the head log, before any row is; how long it was."""
    heads = _heads_after(config.data_dir / audit.HEAD_LOG, 0)
    if heads:
        generations.write(folder / audit.HEAD_LOG, heads.encode("ascii"))
    return len(heads)


def _heads_after(log: Path, known: int) -> str:
    """What a head log has gained. Its lines are ASCII; what a crash has torn is read as such."""
    if _size(log) <= known:
        return ""
    with log.open("rb") as file:
        file.seek(known)
        return file.read().decode("ascii", errors="replace").replace("\ufffd", "?")


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """The only one who copies into a folder."""
    with open(os.open(folder / LOCK_FILE, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupRefused(f"another process copies into {folder}: name another") from None
        yield
