"""F39: what is committed is copied second by second, whoever dies at whatever moment.

`FOLLOWED` is how many stories are played; a few of a fixed seed here, many in a soak.
"""

from __future__ import annotations

import errno
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from agent_desk.models.campaigns import Campaign
from agent_desk.services.backups import following
from agent_desk.services.backups.following import Follower
from agent_desk.services.backups.restoring import Restored
from agent_desk.services.backups.restoring_followed import restore_followed
from agent_desk.services.backups.taking import BackupRefused
from agent_desk.store import audit, system
from agent_desk.store.backups import digests, generations
from agent_desk.store.backups.digests import TableDigest
from agent_desk.store.backups.generations import GenerationDamaged
from agent_desk.store.unit_of_work import Database
from config import DeskConfig
from tests.agent_desk.services.backups.test_backups import KEYS
from tests.agent_desk.store.desk_rows import NOON, add_entries, small_centre
from tests.waiting import until

STORIES = int(os.environ.get("FOLLOWED", "3"))
STEPS = 25
AFTER_RESTORE = {"audit", "campaigns", "system"}  # a restore writes there, and says so


class Killed(BaseException):
    """As by kill -9: nothing that follows is done."""


class Desk:
    """A desk's database on disk, its follower, and the folder that is left when it is lost."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environ = {**KEYS, "DESK_DATA_DIR": str(folder / "data")}
        self.config = DeskConfig.from_environ(self.environ)
        self.config.data_dir.mkdir(parents=True, exist_ok=True)
        self.copies = folder / "copies"
        self.copies.mkdir()
        self.told: list[str] = []
        self.minutes = 0
        self.database = Database(self.config.database_url)
        with self.database.write() as session:
            centre = small_centre(session)
            add_entries(session, centre.list_id, 40)
            system.begin_epoch(session)
        self.follower = self.new_follower()

    def now(self) -> datetime:
        self.minutes += 1
        return NOON + timedelta(minutes=self.minutes)

    def new_follower(self, **wanted: object) -> Follower:
        made = {"now": self.now, "tell": self.told.append, **wanted}
        return Follower(self.config, self.copies, **made)  # type: ignore[arg-type]

    def commit(self, rows: int = 2) -> None:
        with self.database.write() as session:
            for _ in range(rows):
                audit.append(
                    session, at=NOON, actor="load", action="load.row", subject="n", details={}
                )

    def seal(self) -> None:
        with self.database.write() as session:
            audit.seal(session, self.config.audit_key)
            head = audit.note_head(session, at=NOON)
        audit.append_head(self.config.data_dir / audit.HEAD_LOG, head, at=NOON)

    def content(self) -> dict[str, TableDigest]:
        return content(self.database)

    def restart(self) -> None:
        self.database.close()
        self.database = Database(self.config.database_url)

    def restore(self, at: datetime | None = None, **environ: str) -> Restored:
        into = self.folder / "again"
        shutil.rmtree(into, ignore_errors=True)
        return restore_followed(self.copies, into, {**KEYS, **environ}, at=at)


def content(database: Database) -> dict[str, TableDigest]:
    with database.read() as session:
        return digests.of_every_table(session.connection())


@pytest.fixture
def desk(sqlite_url: str, tmp_path: Path) -> Iterator[Desk]:
    (tmp_path / "data").mkdir()
    shutil.copyfile(sqlite_url.removeprefix("sqlite:///"), tmp_path / "data" / "desk.db")
    made = Desk(tmp_path)
    yield made
    made.follower.close()
    made.database.close()


def assert_same(desk: Desk, told: dict[str, TableDigest], found: Restored) -> None:
    """Row for row, but for what a restore itself writes: one row of the audit trail."""
    database = Database(found.config.database_url)
    again = content(database)
    database.close()
    assert set(digests.different(told, again)) <= AFTER_RESTORE
    assert again["audit"].rows == told["audit"].rows + 1
    assert found.rows == sum(each.rows for each in told.values())
    assert found.violations == ()


def killed_after(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    """At the so-manyth file that is made durable or renamed."""
    left = [count]

    def counted(do: Callable[..., None]) -> Callable[..., None]:
        def work(*arguments: object) -> None:
            left[0] -= 1
            if left[0] < 0:
                raise Killed
            do(*arguments)

        return work

    monkeypatch.setattr(generations.os, "fsync", counted(os.fsync))
    monkeypatch.setattr(generations.os, "replace", counted(os.replace))


class Story:
    """What happens to a desk and its follower, drawn by chance; what may be found afterwards."""

    def __init__(self, desk: Desk, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
        self.desk, self.monkeypatch = desk, monkeypatch
        self.chance = random.Random(seed)
        self.working = False
        self.known: list[dict[str, TableDigest]] = []

    def go_on(self) -> None:
        steps: dict[str, Callable[[], None]] = {
            "commit": lambda: self.desk.commit(self.chance.randint(1, 5)),
            "much": lambda: self.desk.commit(self.chance.randint(100, 400)),
            "tidy": self.desk.database.tidy,
            "seal": self.desk.seal,
            "restart": self.desk.restart,
            "look": self.look,
        }
        steps[self.chance.choice([*steps, "commit", "look", "look"])]()

    def look(self, *, safely: bool = False) -> None:
        """What was there at the last look that went well is safe; one that dies may have been
        all but done."""
        follower = self.desk.follower
        with self.monkeypatch.context() as dangerous:
            if not safely and self.chance.random() < 0.4:
                killed_after(dangerous, self.chance.randrange(6))
            try:
                (follower.look if self.working else follower.open)()
            except Killed:
                self.working = False
                follower.close()
                enough = self.chance.choice((1, 10**9))
                self.desk.follower = self.desk.new_follower(enough=lambda _: enough)
            else:
                self.working = True
                self.known.clear()
        self.known.append(self.desk.content())


@pytest.mark.parametrize("seed", range(STORIES))
def test_f39_every_commit_before_the_last_look_comes_back_whenever_the_follower_dies(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Commits small and large, checkpoints, desks that start anew, kills at any write."""
    monkeypatch.setattr(following, "LONG_LOG", 12)
    story = Story(desk, monkeypatch, seed)
    story.look(safely=True)
    for _ in range(STEPS):
        story.go_on()
    found = desk.restore()
    database = Database(found.config.database_url)
    again = content(database)
    database.close()
    assert found.violations == ()
    assert any(
        set(digests.different(known, again)) <= AFTER_RESTORE
        and again["audit"].rows == known["audit"].rows + 1
        for known in story.known
    )


def test_f39_a_log_that_gets_long_is_begun_anew_and_nothing_is_missed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "LONG_LOG", 5)
    log = desk.config.data_dir / "desk.db-wal"
    desk.follower.open()
    desk.follower.look()
    before = log.stat().st_size
    for _ in range(6):
        desk.commit(20)
        desk.follower.look()
    assert_same(desk, desk.content(), desk.restore())
    (generation,) = generations.every(desk.copies)
    assert len({part.turn for part, _ in generation.parts()}) > 3
    assert log.stat().st_size == before


def test_f39_a_new_copy_replaces_a_long_one_and_old_ones_go(desk: Desk) -> None:
    desk.follower = desk.new_follower(enough=lambda _: 1, kept=timedelta(0))
    desk.follower.open()
    for _ in range(3):
        desk.commit(200)
        desk.follower.look()
    assert 1 <= len(generations.every(desk.copies)) <= 2
    assert any("was removed" in sentence for sentence in desk.told)
    assert_same(desk, desk.content(), desk.restore())


def test_f39_an_earlier_moment_comes_back_too(desk: Desk) -> None:
    desk.follower.open()
    desk.commit()
    desk.follower.look()
    earlier, moment = desk.content(), desk.now()
    desk.commit()
    desk.follower.look()
    found = desk.restore(at=moment)
    assert datetime.fromisoformat(found.as_of) <= moment
    assert_same(desk, earlier, found)
    with pytest.raises(BackupRefused, match="nothing as old"):
        desk.restore(at=NOON)


def test_f39_a_full_disk_is_said_and_the_desk_works_on(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.follower.open()
    write = generations.write

    def full(path: Path, data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(following, "AGAIN_S", 0.0)
    monkeypatch.setattr(generations, "write", full)
    stopping = threading.Event()
    thread = threading.Thread(target=lambda: desk.follower.run(stopping, every_s=0.01))
    desk.follower.close()
    desk.commit()
    thread.start()
    try:
        until(lambda: any("No space left" in said for said in desk.told), what="a complaint")
        desk.commit()
        desk.database.tidy()
        monkeypatch.setattr(generations, "write", write)
        desk.commit()
    finally:
        stopping.set()
        thread.join()
    desk.follower.open()
    assert_same(desk, desk.content(), desk.restore())
    assert sum("No space left" in said for said in desk.told) < 5, "not again and again"


def test_a_copied_log_with_a_part_missing_or_damaged_is_refused(desk: Desk) -> None:
    desk.follower.open()
    for _ in range(3):
        desk.commit()
        desk.follower.look()
    (generation,) = generations.every(desk.copies)
    *_, (_, path), _ = generation.parts()
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(GenerationDamaged, match="damaged"):
        desk.restore()
    assert not (desk.folder / "again").exists()
    path.unlink()
    with pytest.raises(GenerationDamaged, match="does not follow"):
        desk.restore()
    path.write_bytes(whole)
    assert_same(desk, desk.content(), desk.restore())


def test_what_waits_for_the_worker_is_followed_and_the_keys_stay_out(desk: Desk) -> None:
    uploads = desk.config.data_dir / "imports"
    uploads.mkdir()
    (uploads / "1").write_bytes(b"sealed")
    desk.follower.open()
    (uploads / "2").write_bytes(b"sealed too")
    desk.commit()
    desk.follower.look()
    (uploads / "1").unlink()
    desk.commit()
    desk.follower.look()
    found = desk.restore()
    kept = sorted(path.name for path in (found.config.data_dir / "imports").iterdir())
    assert kept == ["2"]
    assert not list(desk.copies.rglob("keys.json"))
    with pytest.raises(BackupRefused, match="DESK_DATA_KEY: not the key"):
        desk.restore(DESK_DATA_KEY=KEYS["DESK_INDEX_KEY"])
    desk.follower.close()
    desk.follower = desk.new_follower(with_keys=True)
    desk.follower.open()
    assert len(list(desk.copies.rglob("keys.json"))) == 1, "a new one, for it has the keys"
    shutil.rmtree(desk.folder / "again", ignore_errors=True)
    assert restore_followed(desk.copies, desk.folder / "again", {}).violations == ()


@pytest.mark.parametrize("name", ["../desk.db", "/etc/hostname", "..", "a/b", "a\\b", ""])
@pytest.mark.parametrize("where", ["the copy", "its log"])
def test_names_of_uploads_that_lead_elsewhere_are_refused(
    desk: Desk, name: str, where: str
) -> None:
    desk.follower.open()
    desk.commit()
    desk.follower.look()
    (generation,) = generations.every(desk.copies)
    *_, (part, path) = generation.parts()
    planted = {name: sha256(b"planted").hexdigest()}
    if where == "the copy":
        generation.tell(replace(generation.origin(), uploads=planted))
    else:
        generation.add(replace(part, uploads=planted), path.read_bytes().partition(b"\n")[2])
    with pytest.raises(GenerationDamaged, match="no name of a file"):
        desk.restore()
    assert not (desk.folder / "again").exists()


def test_an_upload_that_is_not_what_was_copied_is_refused(desk: Desk) -> None:
    (desk.config.data_dir / "imports").mkdir()
    (desk.config.data_dir / "imports" / "1").write_bytes(b"sealed")
    desk.follower.open()
    (generation,) = generations.every(desk.copies)
    kept = generation.folder / "imports" / "1"
    kept.write_bytes(b"planted")
    with pytest.raises(BackupRefused, match="1 is not what was backed up"):
        desk.restore()
    kept.unlink()
    elsewhere = desk.folder / "elsewhere"
    elsewhere.write_bytes(b"sealed")
    kept.symlink_to(elsewhere)
    with pytest.raises(BackupRefused, match="1 is missing"):
        desk.restore()
    kept.unlink()
    kept.write_bytes(b"sealed")
    assert_same(desk, desk.content(), desk.restore())


def test_one_folder_has_one_follower_and_postgresql_ships_its_own(desk: Desk) -> None:
    stopping = threading.Event()
    thread = threading.Thread(target=lambda: desk.follower.run(stopping, every_s=0.01))
    thread.start()
    try:
        until(lambda: bool(generations.every(desk.copies)), what="a copy")
        with pytest.raises(BackupRefused, match="another process"):
            desk.new_follower().run(stopping, every_s=0.01)
    finally:
        stopping.set()
        thread.join()
    told = {**desk.environ, "DESK_DATABASE_URL": "postgresql+psycopg2://desk@db/desk"}
    with pytest.raises(BackupRefused, match="pg_receivewal"):
        Follower(DeskConfig.from_environ(told), desk.copies, now=desk.now, tell=desk.told.append)


def test_f39_a_follower_of_another_process_is_killed_and_its_copy_comes_back(
    desk: Desk, tmp_path: Path
) -> None:
    """The command itself, beside a desk that never rests; then the data directory is gone."""
    command = [sys.executable, "-m", "agent_desk", "backup", str(desk.copies), "--follow"]
    environ = {**os.environ, **desk.environ}
    process = subprocess.Popen([*command, "--every", "0.1"], env=environ, stderr=subprocess.PIPE)
    try:
        until(lambda: bool(generations.every(desk.copies)), what="a copy")
        for _ in range(30):
            desk.commit()
        told = desk.content()

        def shipped() -> bool:
            (generation,) = generations.every(desk.copies)
            desk.commit()
            *_, (last, _) = generation.parts()
            return last.at > written

        with desk.database.write() as session:
            session.get_one(Campaign, 1).name = "the last word"
        written = datetime.now(UTC)
        until(shipped, what="what was written")
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    desk.database.close()
    shutil.rmtree(desk.config.data_dir)
    found = desk.restore()
    assert found.rows >= sum(each.rows for each in told.values())
    assert found.violations == ()
    database = Database(found.config.database_url)
    with database.read() as session:
        assert session.get_one(Campaign, 1).name == "the last word"
    database.close()
