"""The newest desk epoch this gateway has obeyed, remembered across restarts.

Each desk that takes over from another gets a higher epoch. A desk that was frozen and wakes up
after its successor started still believes it is in charge; its commands carry the older epoch and
are refused here, also by a gateway that was restarted in between.
"""

from __future__ import annotations

import os
from pathlib import Path


class Superseded(Exception):
    """The desk that welcomes us is older than one we have obeyed."""


class EpochFile:
    """One number in one small file. `newest` is 0 when no desk was ever obeyed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.newest = _read(path)

    def admit(self, epoch: int) -> bool:
        """Whether a desk of this epoch may command; a newer one is stored before it is obeyed."""
        if epoch < self.newest:
            return False
        if epoch > self.newest:
            self._store(epoch)
            self.newest = epoch
        return True

    def _store(self, epoch: int) -> None:
        """Replace the file as a whole, so that a killed process leaves the old one or the new."""
        new = self._path.with_suffix(".new")
        with open(new, "w", encoding="ascii") as file:
            file.write(f"{epoch}\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, self._path)
        directory = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)


def _read(path: Path) -> int:
    """The stored epoch; ValueError for a damaged file, because guessing would obey anyone."""
    if not path.exists():
        return 0
    text = path.read_text(encoding="ascii").strip()
    if not text.isdigit():
        raise ValueError(f"{path} is damaged: it should hold one number")
    return int(text)
