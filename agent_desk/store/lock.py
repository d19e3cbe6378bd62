"""One writer per data directory: the desk, or one command line, never both.

The lock is the kernel's (flock) on an open file, so it ends with its holder however that dies;
the file's text only tells people who it is.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import TextIO

LOCK_FILE = "desk.lock"


class DataDirectoryLocked(Exception):
    """Another process writes there; the message names it."""


class DataDirectoryLock:
    """Held until `release`, or until the process ends."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def release(self) -> None:
        """Let others write."""
        self._file.close()

    def __enter__(self) -> DataDirectoryLock:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def lock_data_directory(data_dir: Path) -> DataDirectoryLock:
    """Take the lock or raise `DataDirectoryLocked` at once. Makes the directory if need be."""
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = data_dir / LOCK_FILE
    file = path.open("a+", encoding="ascii")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        holder = file.read().strip() or "unknown"
        file.close()
        raise DataDirectoryLocked(
            f"{data_dir} is in use by process {holder}: stop it, or name another DESK_DATA_DIR"
        ) from None
    file.truncate(0)
    file.write(f"{os.getpid()}\n")
    file.flush()
    return DataDirectoryLock(file)


def is_locked(data_dir: Path) -> bool:
    """Whether somebody writes there at this moment."""
    try:
        lock_data_directory(data_dir).release()
    except DataDirectoryLocked:
        return True
    return False
