"""A backup of everything a desk keeps, taken while it works.

What goes in: one moment of the database, the heads of the audit chain (copied first, so that none
is newer than the rows), uploads that wait for the worker, and a list of the recordings with the
hashes they were closed with. The recordings themselves are sealed files that never change, so they
are left to whatever copies files, unless they are asked for. The keys stay out unless asked for: a
backup and the keys in one place are readable by whoever finds it.

A backup is made in a folder of another name and renamed when it is whole.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

from agent_desk.services.backups.manifest import (
    FileDigest,
    Manifest,
    digest_of,
    fingerprints,
)
from agent_desk.store import audit, instants, schema, system
from agent_desk.store.backups import digests, places, postgresql_dump, recording_files, sqlite_copy
from agent_desk.store.backups.recording_files import RecordingFile
from agent_desk.store.unit_of_work import Database
from config import DeskConfig

SQLITE_FILE = "desk.db"
POSTGRESQL_FILE = "desk.dump"
RECORDINGS = "recordings"
RECORDING_LIST = "recordings.sha256"
KEYS_FILE = "keys.json"
UPLOADS = "imports"  # of the data directory: what the worker has not read yet, sealed


class BackupRefused(Exception):
    """Nothing was made; the message says why and what to do."""


def take_backup(
    config: DeskConfig,
    target: Path,
    *,
    now: Callable[[], datetime],
    with_keys: bool = False,
    with_recordings: bool = False,
) -> Manifest:
    """Make a new folder `target`; BackupRefused, CopyDamaged, ToolFailed, OSError."""
    if target.exists():
        raise BackupRefused(f"{target} is there already: name a new folder")
    folder = target.with_name(f"{target.name}.partial")
    if folder.exists():
        raise BackupRefused(f"{folder} is left of another backup: remove it first")
    folder.mkdir(mode=0o700, parents=True)
    with ExitStack() as undo:
        undo.callback(shutil.rmtree, folder, ignore_errors=True)
        manifest = _fill(
            config, folder, now=now, with_keys=with_keys, with_recordings=with_recordings
        )
        manifest.write(folder)
        _keep(folder)
        folder.rename(target)
        undo.pop_all()
    return manifest


def _fill(
    config: DeskConfig,
    folder: Path,
    *,
    now: Callable[[], datetime],
    with_keys: bool,
    with_recordings: bool,
) -> Manifest:
    began_at = now()
    heads = config.data_dir / audit.HEAD_LOG
    if heads.exists():
        shutil.copyfile(heads, folder / audit.HEAD_LOG)
    database = Database(config.database_url, readonly=True)
    if database.dialect == "sqlite":
        sqlite_copy.copy(places.file_of(config.database_url), folder / SQLITE_FILE)
        database.close()
        database = Database(f"sqlite:///{folder / SQLITE_FILE}", readonly=True)
    with database.read() as session:
        connection = session.connection()
        if database.dialect != "sqlite":
            postgresql_dump.dump(connection, config.database_url, folder / POSTGRESQL_FILE)
        tables = digests.of_every_table(connection)
        newest = instants.newest(session)
        epoch = system.desk_epoch(session)
        recordings = list(recording_files.every(session))
    revision = schema.revision(database)
    database.close()
    for left in folder.glob(f"{SQLITE_FILE}-*"):
        left.unlink()
    _copy_uploads(config, folder)
    list_recordings(folder, recordings)
    if with_recordings:
        _copy_recordings(config, folder, recordings)
    if with_keys:
        write_keys(config, folder)
    return Manifest(
        began_at=began_at.isoformat(),
        ended_at=now().isoformat(),
        newest=newest.isoformat() if newest else None,
        database=database.dialect,
        schema=revision or "",
        epoch=epoch,
        files=_digests(folder),
        tables=tables,
        keys=fingerprints(config),
        keys_included=with_keys,
        recordings_included=with_recordings,
        recordings=len(recordings),
    )


def _copy_uploads(config: DeskConfig, folder: Path) -> None:
    """Files that wait for the worker; one it has done with meanwhile is not missed."""
    for path in sorted((config.data_dir / UPLOADS).glob("*")):
        if path.is_file():
            (folder / UPLOADS).mkdir(exist_ok=True)
            try:
                shutil.copyfile(path, folder / UPLOADS / path.name)
            except FileNotFoundError:
                (folder / UPLOADS / path.name).unlink(missing_ok=True)


def list_recordings(folder: Path, recordings: Iterable[RecordingFile]) -> None:
    """In the form that `sha256sum --check` reads, below RECORDING_DIR."""
    lines = [f"{each.sha256}  {each.path}\n" for each in recordings]
    (folder / RECORDING_LIST).write_text("".join(lines), encoding="utf-8")


def _copy_recordings(config: DeskConfig, folder: Path, recordings: Iterable[RecordingFile]) -> None:
    for each in recordings:
        source, copied = config.recording_dir / each.path, folder / RECORDINGS / each.path
        copied.parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copyfile(source, copied)
        except FileNotFoundError:
            raise BackupRefused(
                f"the recording {source} is not there: check RECORDING_DIR, or leave recordings out"
            ) from None
        if digest_of(copied).sha256 != each.sha256:
            raise BackupRefused(f"the recording {source} is not what was closed: it is damaged")


def write_keys(config: DeskConfig, folder: Path) -> None:
    """Those without which data are lost; the others can be made anew."""
    keys = {
        "DESK_DATA_KEY": config.data_keys,
        "DESK_INDEX_KEY": (config.index_key,),
        "DESK_AUDIT_KEY": (config.audit_key,),
        "RECORDING_KEY": config.recording_keys,
    }
    told = {
        name: ",".join(base64.b64encode(key).decode("ascii") for key in each)
        for name, each in keys.items()
    }
    path = folder / KEYS_FILE
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(told, file, indent=2)


def _digests(folder: Path) -> dict[str, FileDigest]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): digest_of(path) for path in paths}


def _keep(folder: Path) -> None:
    """Durable before it gets its name, and for nobody else's eyes."""
    for path in [*folder.rglob("*"), folder]:
        path.chmod(0o700 if path.is_dir() else 0o600)
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
