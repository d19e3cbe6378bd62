"""F39: a backup taken under load, put back elsewhere, is the desk of one moment, to the row."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, update

from agent_desk.models.campaigns import Campaign
from agent_desk.models.results import StatusMark
from agent_desk.services.backups.manifest import Manifest, ManifestUnusable
from agent_desk.services.backups.restoring import EPOCHS_AHEAD, Restored, restore_backup
from agent_desk.services.backups.taking import BackupRefused, take_backup
from agent_desk.store import audit, schema, system
from agent_desk.store.backups import sqlite_copy
from agent_desk.store.unit_of_work import Database
from config import DeskConfig
from tests.agent_desk.store.desk_rows import NOON, add_entries, small_centre
from tests.postgresql_cluster import Cluster
from tests.waiting import until

KEYS = {
    "DESK_DATA_KEY": "ZGRkZGRkZGRkZGRkZGRkZGRkZGRkZGRkZGRkZGRkZGQ=",
    "DESK_INDEX_KEY": "aWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWk=",
    "DESK_AUDIT_KEY": "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE=",
    "RECORDING_KEY": "cnJycnJycnJycnJycnJycnJycnJycnJycnJycnJycnI=",
}


def now() -> datetime:
    return datetime.now(UTC)


class Place:
    """A data directory with a database of its own, which may be backed up and lost."""

    def __init__(self, folder: Path, url: str, **environ: str) -> None:
        self.folder = folder
        self.environ = {"DESK_DATABASE_URL": url, **KEYS, **environ}
        self.config = DeskConfig.from_environ(
            {**self.environ, "DESK_DATA_DIR": str(folder / "data")}
        )
        self.config.data_dir.mkdir(parents=True, exist_ok=True)
        self.database = Database(url)

    def seed(self) -> None:
        with self.database.write() as session:
            centre = small_centre(session)
            add_entries(session, centre.list_id, 40)
            system.begin_epoch(session)

    def back_up(self, name: str = "backup", **wanted: bool) -> Manifest:
        return take_backup(self.config, self.folder / name, now=now, **wanted)

    def restore(self, url: str, name: str = "backup", **environ: str) -> Restored:
        told = {**self.environ, "DESK_DATABASE_URL": url, **environ}
        return restore_backup(self.folder / name, self.folder / "again", told)


@pytest.fixture
def place(database_url: str, tmp_path: Path) -> Iterator[Place]:
    found = Place(tmp_path, database_url)
    found.seed()
    yield found
    found.database.close()


@pytest.fixture
def elsewhere(dialect: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty database of the same kind."""
    if dialect == "sqlite":
        yield f"sqlite:///{tmp_path / 'again' / 'desk.db'}"
        return
    cluster: Cluster = request.getfixturevalue("postgresql_cluster")
    name = cluster.create()
    yield cluster.url(name)
    cluster.drop(name)


@contextmanager
def under_load(database: Database) -> Iterator[list[int]]:
    """Two rows in each transaction, without a pause; the list grows by each one committed."""
    done: list[int] = []
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            with database.write() as session:
                for _ in range(2):
                    audit.append(
                        session, at=NOON, actor="load", action="load.row", subject=f"n:{len(done)}"
                    )
            done.append(1)

    worker = threading.Thread(target=work)
    worker.start()
    try:
        until(lambda: len(done) > 20, what="a load")
        yield done
    finally:
        stop.set()
        worker.join()


def test_f39_a_backup_under_load_is_one_moment_and_comes_back_to_the_row(
    place: Place, elsewhere: str
) -> None:
    with under_load(place.database) as done:
        before = len(done)
        made = place.back_up()
        after = len(done)
        until(lambda: len(done) > after, what="the load goes on")
    rows = made.tables["audit"].rows
    assert rows % 2 == 0, "half a transaction"
    assert 2 * before <= rows <= 2 * after + 2, "as of the moment it began, or later"
    found = place.restore(elsewhere)
    assert found.tables == len(made.tables)
    assert found.violations == ()
    assert found.rows == sum(each.rows for each in made.tables.values())


def test_what_was_restored_can_be_started_and_calls_nobody(place: Place, elsewhere: str) -> None:
    made = place.back_up()
    found = place.restore(elsewhere)
    assert found.stopped == 1
    database = Database(elsewhere)
    with database.read() as session:
        assert session.scalars(select(Campaign.running)).all() == ["stopped"]
        assert system.desk_epoch(session) == made.epoch + EPOCHS_AHEAD
    database.close()
    assert schema.revision(place.database) == made.schema


def test_the_keys_are_not_in_a_backup_and_it_does_not_open_without(
    place: Place, elsewhere: str
) -> None:
    place.back_up()
    texts = b"".join(p.read_bytes() for p in (place.folder / "backup").rglob("*") if p.is_file())
    for key in KEYS.values():
        assert key.encode() not in texts
    with pytest.raises(BackupRefused, match="DESK_DATA_KEY: not the key"):
        place.restore(elsewhere, DESK_DATA_KEY=KEYS["DESK_INDEX_KEY"])
    assert not (place.folder / "again").exists(), "nothing is left of a refused restore"
    bare = {"DESK_DATABASE_URL": elsewhere}
    with pytest.raises(BackupRefused, match="keys are not in the backup"):
        restore_backup(place.folder / "backup", place.folder / "again", bare)


def test_with_the_keys_in_it_a_backup_opens_by_itself(place: Place, elsewhere: str) -> None:
    place.back_up(with_keys=True)
    kept = place.folder / "backup" / "keys.json"
    assert kept.stat().st_mode & 0o777 == 0o600
    bare = {"DESK_DATABASE_URL": elsewhere}
    found = restore_backup(place.folder / "backup", place.folder / "again", bare)
    assert found.config.data_keys == place.config.data_keys
    assert found.violations == ()


@pytest.fixture
def small(sqlite_url: str, tmp_path: Path) -> Iterator[Place]:
    """On SQLite, for what does not depend on the database."""
    found = Place(tmp_path, sqlite_url)
    found.seed()
    yield found
    found.database.close()


def again(small: Place) -> str:
    return f"sqlite:///{small.folder / 'again' / 'desk.db'}"


def test_a_target_that_holds_anything_is_refused(small: Place) -> None:
    small.back_up()
    with pytest.raises(BackupRefused, match="there already"):
        small.back_up()
    (small.folder / "again").mkdir()
    (small.folder / "again" / "mine").write_text("kept")
    with pytest.raises(BackupRefused, match="not empty"):
        small.restore(again(small))
    assert (small.folder / "again" / "mine").read_text() == "kept"


@pytest.mark.parametrize("name", ["desk.db", "recordings.sha256"])
def test_a_damaged_or_lost_file_is_found_before_anything_is_written(
    small: Place, name: str
) -> None:
    small.back_up()
    path = small.folder / "backup" / name
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(BackupRefused, match="damaged"):
        small.restore(again(small))
    path.unlink()
    with pytest.raises(BackupRefused, match="missing"):
        small.restore(again(small))
    assert not (small.folder / "again").exists()


def test_only_files_of_the_list_are_put_back_and_none_from_elsewhere(small: Place) -> None:
    (small.config.data_dir / "imports").mkdir()
    (small.config.data_dir / "imports" / "1").write_bytes(b"sealed")
    small.back_up()
    folder = small.folder / "backup"
    (folder / "imports" / "2").write_bytes(b"planted")
    found = small.restore(again(small))
    assert [path.name for path in (found.config.data_dir / "imports").iterdir()] == ["1"]
    (small.folder / "elsewhere").write_bytes(b"sealed")
    (folder / "beside").write_bytes(b"sealed")
    shutil.rmtree(small.folder / "again")
    told = json.loads((folder / "manifest.json").read_text())
    digest = told["files"].pop("imports/1")
    for name in ("../elsewhere", "imports/../beside"):
        files = {**told["files"], name: digest}
        (folder / "manifest.json").write_text(json.dumps({**told, "files": files}))
        with pytest.raises(BackupRefused, match="not in the backup"):
            small.restore(again(small))


def test_rows_that_are_not_those_backed_up_are_found_by_their_digest(small: Place) -> None:
    """As when somebody changed rows and put the file's hash right."""
    made = small.back_up()
    told = json.loads((small.folder / "backup" / "manifest.json").read_text())
    told["tables"]["campaigns"]["digest"] = made.tables["teams"].digest
    (small.folder / "backup" / "manifest.json").write_text(json.dumps(told))
    with pytest.raises(BackupRefused, match="not the rows that were backed up: campaigns"):
        small.restore(again(small))


@pytest.mark.parametrize("text", ["", "{}", '{"format": 2}', '{"format": 1}', "[1]"])
def test_a_manifest_of_somebody_else_is_refused(small: Place, text: str) -> None:
    small.back_up()
    (small.folder / "backup" / "manifest.json").write_text(text)
    with pytest.raises(ManifestUnusable):
        small.restore(again(small))


def test_a_backup_that_was_cut_short_is_none(small: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def cut(source: Path, target: Path) -> None:
        target.write_bytes(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(sqlite_copy, "copy", cut)
    with pytest.raises(OSError, match="disk full"):
        small.back_up()
    assert [path.name for path in small.folder.iterdir() if "backup" in path.name] == []
    with pytest.raises(ManifestUnusable, match="no backup"):
        small.restore(again(small))


def test_the_copy_shows_the_moment_it_began(small: Place) -> None:
    """Written in the middle of it, and not in it."""
    written = []

    def step() -> None:
        if not written:
            with small.database.write() as session:
                session.execute(update(Campaign).values(name="later"))
                written.append(session.scalar(select(StatusMark.id)))

    source = Path(small.database.url.removeprefix("sqlite:///"))
    sqlite_copy.copy(source, small.folder / "copy.db", step=step)
    assert written
    copied = Database(f"sqlite:///{small.folder / 'copy.db'}", readonly=True)
    with copied.read() as session:
        assert session.scalars(select(Campaign.name)).all() == ["spring"]
    copied.close()
