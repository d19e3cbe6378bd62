"""Beginning the demo anew removes the demo, and nothing else, and never under a running desk."""

from __future__ import annotations

import fcntl
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent_desk.services.demo.reset import reset_demo
from agent_desk.services.demo.seed import DemoRefused, seed_demo
from agent_desk.store import schema
from agent_desk.store.lock import DataDirectoryLocked, lock_data_directory
from agent_desk.store.unit_of_work import Database
from tests.agent_desk.store.desk_rows import SEALER


def url(data_dir: Path) -> str:
    return f"sqlite:///{data_dir / 'desk.db'}"


def filled(data_dir: Path, *, demo: bool) -> None:
    """A data directory as a run leaves it behind."""
    database = Database(url(data_dir))
    schema.upgrade(database)
    if demo:
        seed_demo(database, SEALER, now=datetime.now(UTC), loopback=True)
    database.close()
    for name in ("recordings", "imports", "gateway", "gateway-2", "log"):
        (data_dir / name).mkdir()
        (data_dir / name / "something").write_text("x", "ascii")
    for name in ("keys.json", "audit-head.log", "mine.txt"):
        (data_dir / name).write_text("x", "ascii")


def names(data_dir: Path) -> set[str]:
    return {path.name for path in data_dir.iterdir()}


def test_what_the_demo_wrote_is_removed_and_nothing_else(tmp_path: Path) -> None:
    filled(tmp_path, demo=True)
    with lock_data_directory(tmp_path), pytest.raises(DataDirectoryLocked):
        reset_demo(tmp_path, url(tmp_path))
    with (tmp_path / "gateway" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(DemoRefused, match="in use"):
            reset_demo(tmp_path, url(tmp_path))
    assert "desk.db" in names(tmp_path)

    assert reset_demo(tmp_path, url(tmp_path))
    assert names(tmp_path) == {"desk.lock", "keys.json", "log", "mine.txt"}
    assert not reset_demo(tmp_path, url(tmp_path)), "there is nothing left to reset"


def test_other_data_are_left_alone(tmp_path: Path) -> None:
    filled(tmp_path, demo=False)
    before = names(tmp_path)
    with pytest.raises(DemoRefused, match="not the demo's"):
        reset_demo(tmp_path, url(tmp_path))
    with pytest.raises(DemoRefused, match="own file"):
        reset_demo(tmp_path, "postgresql+psycopg2://somewhere/desk")
    assert names(tmp_path) - {"desk.lock"} == before
