"""A database made again from a generation: its copy, then each turn of its log, by SQLite itself.

SQLite reads a log only as far as its salts and checksums hold, so what it takes of each turn is
compared with what was copied: nothing is left out unnoticed.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, takewhile
from pathlib import Path

from agent_desk.store.backups.generations import (
    Generation,
    GenerationDamaged,
    Origin,
    Part,
    data_of,
)


@dataclass(frozen=True)
class Replayed:
    """What was put together: as of when, the head log's later lines, the uploads of that time
    by name with their hashes."""

    as_of: datetime
    heads: str
    uploads: Mapping[str, str]


def replay(
    generation: Generation, origin: Origin, target: Path, *, source: str, until: datetime | None
) -> Replayed:
    """Make `target` out of the copy named `source` and the parts made no later than `until`.

    The file stands alone. Raises GenerationDamaged, sqlite3.Error, OSError.
    """
    shutil.copyfile(generation.folder / source, target)
    target.chmod(0o600)
    as_of, heads, uploads = origin.whole_at, "", origin.uploads
    for _, parts in groupby(_wanted(generation, until), key=lambda each: each[0].turn):
        turn = list(parts)
        _take(target, turn)
        heads += "".join(part.heads for part, _ in turn)
        as_of, uploads = max(as_of, turn[-1][0].at), turn[-1][0].uploads
    with closing(sqlite3.connect(target)) as made:
        made.execute("PRAGMA journal_mode=DELETE").fetchone()
        (verdict,) = made.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise GenerationDamaged(f"{generation.folder}: not a sound database: {verdict}")
    with target.open("rb") as file:
        os.fsync(file.fileno())
    return Replayed(as_of, heads, uploads)


def _wanted(generation: Generation, until: datetime | None) -> Iterator[tuple[Part, Path]]:
    parts = generation.parts()
    return parts if until is None else takewhile(lambda each: each[0].at <= until, parts)


def _take(target: Path, turn: list[tuple[Part, Path]]) -> None:
    """Have SQLite move one turn of the log into the database."""
    log = target.with_name(f"{target.name}-wal")
    with log.open("wb") as file:
        for part, path in turn:
            file.write(data_of(part, path))
    log.chmod(0o600)
    committed = max(part.last_commit for part, _ in turn)
    with closing(sqlite3.connect(target)) as made:
        made.execute("PRAGMA synchronous=OFF")  # it is made durable at the end
        _, taken, moved = made.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    if (taken, moved) != (committed, committed):
        raise GenerationDamaged(
            f"{turn[0][1].parent}: {committed} frames of the log were copied, {taken} are sound"
        )
    log.unlink(missing_ok=True)
