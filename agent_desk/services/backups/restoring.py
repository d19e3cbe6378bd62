"""A backup put back, into nothing that exists, and proven to be what was taken.

Nothing is written before every file of the backup has its hash and the keys at hand are those it
was made with. Afterwards the tables are compared with the manifest row for row, and the invariants
are asked. Two things are then changed on purpose. Calls and refusals made after the backup are
unknown here, so every campaign is stopped until somebody has seen to them. And the desk's epoch
jumps, because the gateways remember a later one and would refuse this desk.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from agent_desk.services.backups.manifest import (
    Manifest,
    digest_of,
    fingerprints,
    missing_keys,
)
from agent_desk.services.backups.taking import (
    KEYS_FILE,
    POSTGRESQL_FILE,
    RECORDING_LIST,
    RECORDINGS,
    SQLITE_FILE,
    UPLOADS,
    BackupRefused,
)
from agent_desk.store import audit, instants, schema, system
from agent_desk.store.backups import digests, places, postgresql_dump
from agent_desk.store.backups.stopped_campaigns import stop_all
from agent_desk.store.invariants import questions as invariants
from agent_desk.store.invariants.violation import Violation
from agent_desk.store.lock import LOCK_FILE, lock_data_directory
from agent_desk.store.unit_of_work import Database
from config import DeskConfig

# Further than any number of restarts since the backup.
EPOCHS_AHEAD = 1_000_000
_KEY_SETTINGS = ("DESK_DATA_KEY", "DESK_INDEX_KEY", "DESK_AUDIT_KEY", "RECORDING_KEY")


@dataclass(frozen=True)
class Restored:
    """What was put back: rows in all tables, as of when, and what is wrong with them.

    `recordings`: how many to copy by hand, of the list `recording_list`.
    """

    config: DeskConfig
    as_of: str
    tables: int
    rows: int
    recordings: int
    recording_list: Path
    stopped: int
    violations: tuple[Violation, ...]


def restore_backup(
    folder: Path, into: Path, environ: Mapping[str, str], *, keys: Path | None = None
) -> Restored:
    """Fill the data directory `into`, and the database that `environ` names.

    `keys`: a `keys.json` kept apart from the backup. BackupRefused, ManifestUnusable, ToolFailed.
    """
    manifest = Manifest.read(folder)
    _check_files(folder, manifest)
    kept = keys or (folder / KEYS_FILE if manifest.keys_included else None)
    with new_directory(into, environ, keys=kept, told=manifest.keys) as config:
        _load(config, folder, manifest)
        return _compare_and_settle(config, folder, manifest)


@contextmanager
def new_directory(
    into: Path, environ: Mapping[str, str], *, keys: Path | None, told: dict[str, list[str]]
) -> Iterator[DeskConfig]:
    """A data directory to restore into, locked; nothing is left of it when that fails.

    `told`: fingerprints of the keys the backup was made with. BackupRefused.
    """
    if into.exists() and any(path.name != LOCK_FILE for path in into.iterdir()):
        raise BackupRefused(f"{into} is not empty: a backup is put back into a new directory")
    unset = [name for name in _KEY_SETTINGS if name not in environ]
    if keys is None and unset:
        raise BackupRefused(
            f"the keys are not in the backup: set {', '.join(unset)}, or name their keys.json"
        )
    made = not into.exists()
    with lock_data_directory(into), ExitStack() as undo:
        undo.callback(_remove, into, itself=made)
        if keys is not None:
            shutil.copyfile(keys, into / KEYS_FILE)
            (into / KEYS_FILE).chmod(0o600)
        config = DeskConfig.from_environ({**environ, "DESK_DATA_DIR": str(into)})
        missing = missing_keys(told, fingerprints(config))
        if missing:
            raise BackupRefused(f"{', '.join(missing)}: not the key the backup was made with")
        yield config
        undo.pop_all()


def new_sqlite_file(config: DeskConfig) -> Path:
    """Where the database goes; BackupRefused when there is one."""
    target = places.file_of(config.database_url)
    if target.exists():
        raise BackupRefused(f"{target} is there already: name a new file")
    return target


def _check_files(folder: Path, manifest: Manifest) -> None:
    for name, told in manifest.files.items():
        path = folder / name
        stays = ".." not in Path(name).parts  # where it goes to has other folders beside it
        if not stays or not path.resolve().is_relative_to(folder.resolve()):
            raise BackupRefused(f"{name} is not in the backup: its list was tampered with")
        if not path.is_file():
            raise BackupRefused(f"{path} is missing: the backup is not whole")
        if digest_of(path) != told:
            raise BackupRefused(f"{path} is not what was backed up: it is damaged")


def _load(config: DeskConfig, folder: Path, manifest: Manifest) -> None:
    url = config.database_url
    if places.kind_of(url) != manifest.database:
        raise BackupRefused(
            f"the backup is of {manifest.database}, DESK_DATABASE_URL names {places.kind_of(url)}"
        )
    if manifest.database == "sqlite":
        target = new_sqlite_file(config)
        shutil.copyfile(folder / SQLITE_FILE, target)
        target.chmod(0o600)
    elif not places.is_empty(url):
        raise BackupRefused("the database of DESK_DATABASE_URL has tables: name an empty one")
    else:
        postgresql_dump.load(url, folder / POSTGRESQL_FILE)


def _compare_and_settle(config: DeskConfig, folder: Path, manifest: Manifest) -> Restored:
    """Compare, copy what is beside the database, ask the invariants, and make it safe to start."""
    database = Database(config.database_url)
    try:
        with database.read() as session:
            found = digests.of_every_table(session.connection())
        wrong = digests.different(manifest.tables, found)
        if wrong:
            raise BackupRefused(f"not the rows that were backed up: {', '.join(wrong)}")
        if schema.revision(database) != manifest.schema:
            raise BackupRefused(f"the schema is not {manifest.schema}")
        _put_beside(config, folder, manifest)
        stopped, violations = settle(database, config, backup=manifest.ended_at)
    finally:
        database.close()
    return Restored(
        config=config,
        as_of=manifest.began_at,
        tables=len(found),
        rows=sum(each.rows for each in found.values()),
        recordings=0 if manifest.recordings_included else manifest.recordings,
        recording_list=folder / RECORDING_LIST,
        stopped=stopped,
        violations=violations,
    )


def settle(
    database: Database, config: DeskConfig, *, backup: str
) -> tuple[int, tuple[Violation, ...]]:
    """Ask the invariants, if the schema is ours, and make it safe to start; how many campaigns
    were stopped, and what is violated. `backup` says which one it was."""
    ours = schema.revision(database) == schema.head()
    violations = _violations(database, config) if ours else ()
    return _make_safe(database, backup=backup), violations


def _put_beside(config: DeskConfig, folder: Path, manifest: Manifest) -> None:
    """What is beside the database, of the files that have their hash: no other is taken along."""
    places_of = {
        audit.HEAD_LOG: config.data_dir / audit.HEAD_LOG,
        UPLOADS: config.data_dir / UPLOADS,
        RECORDINGS: config.recording_dir,
    }
    for name in manifest.files:
        first, _, below = name.partition("/")
        if first in places_of:
            target = places_of[first] / below
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            shutil.copy(folder / name, target)


def _violations(database: Database, config: DeskConfig) -> tuple[Violation, ...]:
    """Of the rows and of the audit chain, at once: the database asks, Python hashes."""
    heads = audit.read_heads(config.data_dir / audit.HEAD_LOG)

    def of_rows() -> list[Violation]:
        with database.read() as session:
            return invariants.check(session)

    with ThreadPoolExecutor(1) as beside, database.read() as session:
        found = beside.submit(of_rows)
        chain = invariants.check_audit_chain(session, config.audit_key, heads)
        return (*found.result(), *chain)


def _make_safe(database: Database, *, backup: str) -> int:
    with database.write() as session:
        at = instants.newest(session) or datetime.now(UTC)
        stopped = stop_all(session, by="restore", at=at)
        system.put(session, system.DESK_EPOCH, str(system.desk_epoch(session) + EPOCHS_AHEAD))
        audit.append(
            session,
            at=at,
            actor="cli",
            action="backup.restored",
            subject="system",
            details={"backup": backup, "campaigns_stopped": stopped},
        )
    return stopped


def _remove(into: Path, *, itself: bool) -> None:
    """What a refused restore had put there. The directory was empty, or was not there."""
    if itself:
        shutil.rmtree(into, ignore_errors=True)
        return
    for path in into.iterdir():
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
