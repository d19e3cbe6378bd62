"""A copy of a SQLite database that is in use: one moment of it, while the desk goes on writing.

The copy reads under one transaction, so it shows the instant it began however long it takes, and
SQLite need not begin again when something was written meanwhile. In WAL mode a reader blocks no
writer; what the desk writes during the copy stays in the WAL file, which grows by that much. The
copy is made in steps with a pause between two, so that the disk stays the desk's.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

_PAGES = 1_000  # 4 MB a step
_PAUSE_S = 0.002


class CopyDamaged(Exception):
    """The copy is not a sound database; the message is SQLite's."""


def copy(source: Path, target: Path, *, step: Callable[[], None] = lambda: None) -> None:
    """Copy one moment of `source` into a new file, which stands alone (no WAL beside it).

    `step` is called after each part. Raises `CopyDamaged` and sqlite3's own errors.
    """
    with closing(sqlite3.connect(source)) as opened, closing(sqlite3.connect(target)) as made:
        opened.execute("PRAGMA query_only=ON")
        opened.isolation_level = None
        opened.execute("BEGIN")
        # BEGIN alone takes no snapshot; the first read does.
        opened.execute("SELECT count(*) FROM sqlite_master").fetchone()
        opened.backup(made, pages=_PAGES, progress=lambda *_: step(), sleep=_PAUSE_S)
        opened.execute("ROLLBACK")
        made.execute("PRAGMA journal_mode=DELETE").fetchone()
        (verdict,) = made.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise CopyDamaged(str(verdict))
