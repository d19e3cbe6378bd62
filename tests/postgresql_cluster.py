"""A private PostgreSQL cluster for one test session.

It lives in a temporary directory, listens on a unix socket only, runs as an unprivileged user
(the server refuses root) and dies with the test session, however that ends.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import psycopg2

from tests.scratch import in_memory
from tests.waiting import START_S, until

INSTALLED = Path("/usr/lib/postgresql")
USER = "desk"


def binaries() -> Path | None:
    """The directory with initdb and postgres of the newest installed version, or None."""
    found = [path.parent for path in INSTALLED.glob("*/bin/initdb")]
    if found:
        return max(found, key=lambda path: int(path.parent.name))
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


class Cluster:
    """A running server; `create` makes databases in it, `stop` ends it and removes its files.

    A `durable` one waits for the disk at each commit, as a real one does; tests need not, and
    have theirs in memory where there is room: a database is some 500 files, and one for each test
    costs ten times the processor on a disk.
    """

    def __init__(self, *, durable: bool = False) -> None:
        self._durable = durable
        found = binaries()
        if found is None:
            raise RuntimeError("PostgreSQL is not installed")
        self._bin = found
        # A unix socket's path may have about 100 characters, so pytest's own directory is too deep.
        self._dir = Path(tempfile.mkdtemp(prefix="desk-pg-", dir=None if durable else in_memory()))
        self._as_user: list[str] = []
        if os.geteuid() == 0:
            shutil.chown(self._dir, "postgres", "postgres")
            self._as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        self._count = 0
        self._initialise()
        self._server = self._start()
        self._door = psycopg2.connect(host=str(self._dir), user=USER, dbname="postgres")
        self._door.autocommit = True  # a database is not made inside a transaction

    def url(self, name: str) -> str:
        """The URL of database `name`."""
        return f"postgresql+psycopg2://{USER}@/{name}?host={self._dir}"

    @property
    def pid(self) -> int:
        """The server's process; those that work for it are its children."""
        return self._server.pid

    def create(self, *, template: str = "template0") -> str:
        """Create a database as a copy of `template` and return its name."""
        self._count += 1
        name = f"test_{self._count}"
        self._sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop(self, name: str) -> None:
        """Remove a database, disconnecting whoever still uses it."""
        self._sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def stop(self) -> None:
        """Stop the server at once: nothing in it is worth keeping."""
        self._door.close()
        self._server.send_signal(signal.SIGQUIT)
        self._server.wait(timeout=START_S)
        shutil.rmtree(self._dir, ignore_errors=True)

    def _initialise(self) -> None:
        command = [*self._as_user, str(self._bin / "initdb"), f"--pgdata={self._dir / 'data'}"]
        command += [f"--username={USER}", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]
        subprocess.run([*command, "--no-sync"], check=True, capture_output=True, cwd="/")

    def _start(self) -> subprocess.Popen[bytes]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self._dir),
            "fsync": "on" if self._durable else "off",
            "full_page_writes": "on" if self._durable else "off",
            "max_connections": "100",
            "max_wal_size": "1GB" if self._durable else "64MB",
        }
        # With the death signal a killed test session leaves no server behind.
        dying = self._as_user or ["setpriv"]
        command = [*dying, "--pdeathsig=QUIT", str(self._bin / "postgres")]
        command += ["-D", str(self._dir / "data")]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        log = (self._dir / "log").open("wb")
        server = subprocess.Popen(command, stdout=log, stderr=log, cwd="/")
        log.close()
        until(lambda: self._answers(server), within_s=START_S, what="PostgreSQL answers")
        return server

    def _answers(self, server: subprocess.Popen[bytes]) -> bool:
        if server.poll() is not None:
            raise RuntimeError(f"PostgreSQL ended: {(self._dir / 'log').read_text()}")
        probe = [str(self._bin / "pg_isready"), "-q", "-h", str(self._dir), "-U", USER]
        return subprocess.run(probe, check=False).returncode == 0

    def _sql(self, statement: str) -> None:
        with self._door.cursor() as cursor:
            cursor.execute(statement)
