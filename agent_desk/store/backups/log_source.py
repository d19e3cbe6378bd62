"""A database in use, read so that its log is copied whole while the desk goes on writing.

A reader blocks no writer, but while one reads, what it may need of the log stays where it is. So
one transaction is held at any time, and the next is begun before the last is ended, with a copy of
everything in between: the log can be begun anew only where all of it was copied. The desk pays
with a longer log; where it gets long we take the write lock for a moment, move the last of the
log into the database, and so let the next writer begin it anew.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from agent_desk.store.backups.write_ahead_log import Log, LogLost

_CHUNK = 4 << 20
_LOCK_TRIES = 50
_LOCK_PAUSE_S = 0.002
T = TypeVar("T")


class LogSource:
    """The database at `path`, held until `close`. Nothing is written but by checkpoints.

    Raises sqlite3.Error, OSError, LogLost.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with ExitStack() as opened:
            # In this order, for files are closed after the connections: see `Log`.
            self._files = [os.open(path, os.O_RDONLY)]
            opened.callback(self._close_files)
            self._held, self._next, self._still = (
                opened.enter_context(closing(_connect(path))) for _ in range(3)
            )
            if self._held.execute("PRAGMA journal_mode").fetchone() != ("wal",):
                raise LogLost(f"{path} has no write-ahead log: start the desk on it first")
            _begin(self._held)
            for kind in ("-wal", "-shm"):
                self._files.append(os.open(f"{path}{kind}", os.O_RDONLY))
            self.log = Log(self._files[1], self._files[2])
            self._close = opened.pop_all().close

    def close(self) -> None:
        """Let go of the log."""
        self._close()

    def __enter__(self) -> LogSource:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def renew(self, copy: Callable[[], T]) -> T:
        """Hold a younger transaction instead, after `copy` has taken what is between the two."""
        for file, name in zip(self._files, ("", "-wal", "-shm"), strict=True):
            if not os.path.samestat(os.fstat(file), os.stat(f"{self._path}{name}")):
                raise LogLost(f"{self._path} is another file now")
        _begin(self._next)
        try:
            copied = copy()
            self._held, self._next = self._next, self._held
            return copied
        finally:  # of the two, the one that is not held
            self._next.execute("ROLLBACK")

    def turn_over(self, copy: Callable[[], T]) -> T | None:
        """Have the next writer begin the log anew; None when others were in the way of it.

        `copy` is called under the write lock, with the log as it will end: it must be quick.
        """
        self._next.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        if not self._lock():
            return None
        try:
            copied = copy()
            self._held.execute("ROLLBACK")
            self._held.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            _begin(self._held)
        finally:
            self._next.execute("ROLLBACK")
        return copied

    @contextmanager
    def still(self) -> Iterator[Iterator[bytes]]:
        """The database file in chunks. With the current turn of the log, read from its first frame
        before the block ends, it is the database of that moment: what a checkpoint writes into
        the file meanwhile is in that turn too."""
        _begin(self._still)
        try:
            yield self._chunks()
        finally:
            self._still.execute("ROLLBACK")

    def _chunks(self) -> Iterator[bytes]:
        at = 0
        while chunk := os.pread(self._files[0], _CHUNK, at):
            yield chunk
            at += len(chunk)

    def _close_files(self) -> None:
        for file in self._files:
            os.close(file)

    def _lock(self) -> bool:
        for _ in range(_LOCK_TRIES):
            try:
                self._next.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as refused:
                if "locked" not in str(refused):
                    raise
                time.sleep(_LOCK_PAUSE_S)
            else:
                return True
        return False


def _connect(path: Path) -> sqlite3.Connection:
    found = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=0
    )
    found.execute("PRAGMA wal_autocheckpoint=0")
    return found


def _begin(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN")
    # BEGIN alone takes no snapshot; the first read does.
    connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
