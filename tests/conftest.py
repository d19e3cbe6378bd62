"""Fixtures every test may use: databases of both kinds, and tools that may be missing.

A test marked `sipp`, `browser` or `postgresql` is skipped loudly where the tool is missing; with
`CI=true` it fails instead, so that a green run there means that everything ran.
"""

from __future__ import annotations

import asyncio
import gc
import inspect
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from agent_desk.store import schema
from agent_desk.store.unit_of_work import Database
from tests import compiled_statements
from tests.postgresql_cluster import Cluster, binaries
from tests.product import Product
from tests.scratch import in_memory

# The same examples every time, and no deadline: how fast this machine is is no property of ours.
settings.register_profile("house", derandomize=True, deadline=None)
settings.load_profile("house")
TOOLS = {
    "sipp": ("SIPp", "sip-tester", lambda: shutil.which("sipp")),
    "kamailio": (
        "Kamailio with TLS",
        "kamailio kamailio-tls-modules",
        lambda: next(Path("/usr/lib").glob("*/kamailio/modules/tls.so"), None),
    ),
    "baresip": ("baresip", "baresip-core", lambda: shutil.which("baresip")),
    "coturn": ("coturn", "coturn", lambda: shutil.which("turnserver")),
    "browser": ("Chromium", "chromium fonts-noto-cjk", lambda: chromium()),
    "postgresql": ("PostgreSQL", "postgresql", binaries),
}
WAITING = ("processes", "browser", "sipp", "kamailio", "baresip", "asterisk", "coturn")
SKIPPED = pytest.StashKey[dict[str, int]]()


def chromium() -> str | None:
    """The path of the installed Chromium, or None."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


def in_ci() -> bool:
    """Whether this run must not skip anything."""
    return os.environ.get("CI", "").lower() in ("true", "1")


def pytest_configure(config: pytest.Config) -> None:
    memory = in_memory()
    if memory is not None:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory))  # of every `tmp_path`
    config.stash[SKIPPED] = {}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items[:] = _interleaved(items)
    for item in items:
        if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.obj):
            item.fixturenames.insert(0, "no_leaked_tasks")


def _interleaved(items: list[pytest.Item]) -> list[pytest.Item]:
    """The files that wait for telephones and browsers evenly among the first of those that compute.

    Workers take file after file in this order. All that wait at once would leave the processor
    idle, and one begun last would leave a worker alone.
    """
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    waiting = [file for file in files.values() if any(map(_waits, file))]
    computing = [file for file in files.values() if not any(map(_waits, file))]
    between = max(1, len(computing) * 3 // 4 // max(1, len(waiting)))
    ordered: list[list[pytest.Item]] = []
    for number, file in enumerate(waiting):
        ordered += [file, *computing[number * between : (number + 1) * between]]
    ordered += computing[len(waiting) * between :]
    return [item for file in ordered for item in file]


def _waits(item: pytest.Item) -> bool:
    return any(map(item.get_closest_marker, WAITING))


def pytest_collection_finish() -> None:
    # What thousands of tests are made of stays to the end: no collection of garbage looks at it.
    gc.collect()
    gc.freeze()


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker, (tool, packages, find) in TOOLS.items():
        if item.get_closest_marker(marker) is None or find():
            continue
        message = f"{tool} is not installed (apt-get install {packages})"
        if in_ci():
            pytest.fail(f"CI skips nothing: {message}", pytrace=False)
        skipped = item.config.stash[SKIPPED]
        skipped[message] = skipped.get(message, 0) + 1
        pytest.skip(message)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    for message, count in config.stash[SKIPPED].items():
        terminalreporter.write_line(f"!!! {count} TESTS SKIPPED: {message}", red=True, bold=True)


@pytest.fixture
async def no_leaked_tasks() -> AsyncIterator[None]:
    """Fail an asyncio test that leaves a task behind: it would run into the next one."""
    before = asyncio.all_tasks()
    yield
    for _ in range(10):  # what was cancelled needs a few turns of the loop to end
        await asyncio.sleep(0)
    left = asyncio.all_tasks() - before - {asyncio.current_task()}
    assert not left, f"tasks left behind: {left}"


@pytest.fixture(scope="session", autouse=True)
def one_compiler() -> Iterator[None]:
    """Compile each statement once a session instead of once a test."""
    with compiled_statements.shared():
        yield


@pytest.fixture(scope="session")
def postgresql_cluster() -> Iterator[Cluster]:
    """One private server for the whole session."""
    cluster = Cluster()
    yield cluster
    cluster.stop()


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Product:
    """A product that is migrated and seeded, and never started: copy it."""
    base = tmp_path_factory.getbasetemp()
    # Workers' folders lie side by side, and one preparation serves them all.
    return Product.prepared((base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "made")


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)], scope="session"
)
def dialect(request: pytest.FixtureRequest) -> str:
    """`sqlite` or `postgresql`: a test that takes this, or a database, runs on both."""
    return str(request.param)


@pytest.fixture
def empty_database_url(
    dialect: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[str]:
    """The URL of a database without a single table."""
    if dialect == "sqlite":
        yield f"sqlite:///{tmp_path / 'desk.db'}"
        return
    cluster: Cluster = request.getfixturevalue("postgresql_cluster")
    name = cluster.create()
    yield cluster.url(name)
    cluster.drop(name)


@pytest.fixture(scope="session")
def migrated_template(
    dialect: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> str:
    """A migrated database nobody writes to: a file's path, or a PostgreSQL database's name."""
    if dialect == "sqlite":
        path = tmp_path_factory.mktemp("migrated") / "desk.db"
        _migrate(f"sqlite:///{path}")
        return str(path)
    cluster: Cluster = request.getfixturevalue("postgresql_cluster")
    name = cluster.create()
    _migrate(cluster.url(name))
    return name


@pytest.fixture
def database_url(
    dialect: str, migrated_template: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[str]:
    """The URL of a fresh database of the newest schema, one per test, once per dialect."""
    if dialect == "sqlite":
        path = tmp_path / "desk.db"
        shutil.copy(migrated_template, path)
        yield f"sqlite:///{path}"
        return
    cluster: Cluster = request.getfixturevalue("postgresql_cluster")
    name = cluster.create(template=migrated_template)
    yield cluster.url(name)
    cluster.drop(name)


def _migrate(database_url: str) -> None:
    database = Database(database_url)
    schema.upgrade(database)
    database.close()
