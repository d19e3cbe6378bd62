"""Where tests write: in memory where there is room, for a commit there waits for no disk."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

MEMORY = Path("/dev/shm")
# Bytes free in it: some workers' files, and for each a PostgreSQL cluster of some 150 MB.
ROOM = 2 << 30


def in_memory() -> Path | None:
    """The file system in memory, if there is one with room for what tests write."""
    if not os.access(MEMORY, os.W_OK) or shutil.disk_usage(MEMORY).free < ROOM:
        return None
    return MEMORY
