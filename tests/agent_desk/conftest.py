"""A whole small desk: on SQLite for what does not depend on the database, on both for the rest."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent_desk.store import schema
from agent_desk.store.unit_of_work import Database
from tests.agent_desk.post import Post, posting
from tests.agent_desk.small_desk import Shift, SmallDesk


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file nobody writes to."""
    path = tmp_path_factory.mktemp("sqlite") / "desk.db"
    database = Database(f"sqlite:///{path}")
    schema.upgrade(database)
    database.close()
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The URL of a fresh SQLite database of the newest schema."""
    path = tmp_path / "quick.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def small_desk(sqlite_url: str, tmp_path: Path) -> Iterator[SmallDesk]:
    """On SQLite."""
    desk = SmallDesk(sqlite_url, tmp_path)
    yield desk
    desk.stop()


@pytest.fixture
def each_desk(database_url: str, tmp_path: Path) -> Iterator[SmallDesk]:
    """On each kind of database in turn."""
    desk = SmallDesk(database_url, tmp_path)
    yield desk
    desk.stop()


@pytest.fixture
def shift(small_desk: SmallDesk) -> Shift:
    """`operator1`, checked in and not yet available."""
    return Shift.begin(small_desk)


@pytest.fixture
def each_shift(each_desk: SmallDesk) -> Shift:
    """The same, on each kind of database in turn."""
    return Shift.begin(each_desk)


@pytest.fixture
def post(sqlite_url: str, tmp_path: Path) -> Iterator[Post]:
    """A desk that sends mail, on SQLite."""
    with posting(sqlite_url, tmp_path) as made:
        yield made


@pytest.fixture
def each_post(database_url: str, tmp_path: Path) -> Iterator[Post]:
    """The same, on each kind of database in turn."""
    with posting(database_url, tmp_path) as made:
        yield made
