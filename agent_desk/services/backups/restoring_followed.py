"""A followed backup put back: the newest moment that was copied, or an earlier one.

What was copied is proven by hashes of each file, by SQLite's checksums over the whole log and by
its own check of the file; then by the invariants and the audit chain, as any backup.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from agent_desk.services.backups.manifest import digest_of
from agent_desk.services.backups.restoring import (
    Restored,
    new_directory,
    new_sqlite_file,
    settle,
)
from agent_desk.services.backups.taking import (
    KEYS_FILE,
    RECORDING_LIST,
    SQLITE_FILE,
    UPLOADS,
    BackupRefused,
    list_recordings,
)
from agent_desk.store import audit
from agent_desk.store.backups import digests, generations, places, recording_files
from agent_desk.store.backups.generations import Generation, Origin
from agent_desk.store.backups.replay import Replayed, replay
from agent_desk.store.unit_of_work import Database
from config import DeskConfig


def is_followed(folder: Path) -> bool:
    """Whether a follower has copied into a folder."""
    return bool(generations.every(folder))


def restore_followed(
    folder: Path,
    into: Path,
    environ: Mapping[str, str],
    *,
    keys: Path | None = None,
    at: datetime | None = None,
) -> Restored:
    """Fill the data directory `into` with the newest moment, or the last one not after `at`.

    `keys` as for any backup. BackupRefused, GenerationDamaged.
    """
    generation, origin = _chosen(folder, at)
    for name, told in {SQLITE_FILE: "", **origin.files}.items():
        _check(generation.folder / name, told)
    kept = keys or (generation.folder / KEYS_FILE if origin.keys_included else None)
    with new_directory(into, environ, keys=kept, told=origin.keys) as config:
        if places.kind_of(config.database_url) != "sqlite":
            raise BackupRefused("the backup is of sqlite, DESK_DATABASE_URL names another")
        target = new_sqlite_file(config)
        done = replay(generation, origin, target, source=SQLITE_FILE, until=at)
        _put_beside(config, generation, done)
        return _settled(config, done)


def _chosen(folder: Path, at: datetime | None) -> tuple[Generation, Origin]:
    for generation in reversed(generations.every(folder)):
        origin = generation.origin()
        if at is None or origin.whole_at <= at:
            return generation, origin
    raise BackupRefused(f"{folder} has nothing as old as {at}")


def _put_beside(config: DeskConfig, generation: Generation, done: Replayed) -> None:
    """The heads of the audit chain, and what waited for the worker."""
    known = generation.folder / audit.HEAD_LOG
    heads = (known.read_bytes() if known.exists() else b"") + done.heads.encode("ascii")
    if heads:
        (config.data_dir / audit.HEAD_LOG).write_bytes(heads)
    for name, told in done.uploads.items():
        kept, target = generation.folder / UPLOADS / name, config.data_dir / UPLOADS / name
        _check(kept, told)
        target.parent.mkdir(mode=0o700, exist_ok=True)
        generations.write(target, kept.read_bytes())


def _check(path: Path, told: str) -> None:
    """BackupRefused unless it is the file that was copied, and is here rather than elsewhere."""
    if path.is_symlink() or not path.is_file():
        raise BackupRefused(f"{path} is missing: the backup is not whole")
    if digest_of(path).sha256 != told:
        raise BackupRefused(f"{path} is not what was backed up: it is damaged")


def _settled(config: DeskConfig, done: Replayed) -> Restored:
    database = Database(config.database_url)
    try:
        with database.read() as session:
            rows = digests.rows_of_every_table(session.connection())
            recordings = list(recording_files.every(session))
        list_recordings(config.data_dir, recordings)
        stopped, violations = settle(database, config, backup=done.as_of.isoformat())
    finally:
        database.close()
    return Restored(
        config=config,
        as_of=done.as_of.isoformat(),
        tables=len(rows),
        rows=sum(rows.values()),
        recordings=len(recordings),
        recording_list=config.data_dir / RECORDING_LIST,
        stopped=stopped,
        violations=violations,
    )
