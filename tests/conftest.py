"""Fixtures every test may use: databases of both kinds, and tools that may be missing.

A test marked `sipp`, `browser` or `postgresql` is skipped loudly where the tool is missing; with
`CI=true` it fails instead, so that a green run there means that everything ran.
"""

from __future__ import annotations

import asyncio
import inspect
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.postgresql_cluster import Cluster, binaries
from tests.product import Product

ROOT = Path(__file__).parent.parent
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
BEGUN_FIRST = ("processes", "browser", "sipp")
SKIPPED = pytest.StashKey[dict[str, int]]()


def chromium() -> str | None:
    """The path of the installed Chromium, or None."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


def in_ci() -> bool:
    """Whether this run must not skip anything."""
    return os.environ.get("CI", "").lower() in ("true", "1")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[SKIPPED] = {}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # Files that start whole products take longest; begun last, one worker would end alone.
    items.sort(key=lambda item: not any(map(item.get_closest_marker, BEGUN_FIRST)))
    for item in items:
        if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.obj):
            item.fixturenames.insert(0, "no_leaked_tasks")


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
    data_dir = tmp_path_factory.mktemp(f"migrated-{dialect}")
    if dialect == "sqlite":
        path = data_dir / "desk.db"
        _migrate(f"sqlite:///{path}", data_dir)
        return str(path)
    cluster: Cluster = request.getfixturevalue("postgresql_cluster")
    name = cluster.create()
    _migrate(cluster.url(name), data_dir)
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


def _migrate(database_url: str, data_dir: Path) -> None:
    environ = {**os.environ, "DESK_DATABASE_URL": database_url, "DESK_DATA_DIR": str(data_dir)}
    command = [sys.executable, "-m", "agent_desk", "migrate"]
    done = subprocess.run(
        command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
