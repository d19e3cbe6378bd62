"""A PostgreSQL server whose files are kept from one run to the next.

The server of the tests dies with its files; a year of calls takes too long to be loaded each time.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import psycopg2

from tests.postgresql_cluster import USER, binaries
from tests.waiting import START_S, until

NAME = "reports"
# What a house with ten million calls would give it; the rest is as PostgreSQL comes.
USUAL = {"shared_buffers": "1GB", "max_wal_size": "4GB"}
# Nothing is lost where loading breaks off: it begins anew.
LOADING = {
    "shared_buffers": "3GB",
    "max_wal_size": "16GB",
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "maintenance_work_mem": "1GB",
}


class KeptServer:
    """Runs on the files below `directory` until `stop`."""

    def __init__(self, directory: Path, *, loading: bool = False) -> None:
        found = binaries()
        if found is None:
            raise RuntimeError("PostgreSQL is not installed")
        self._bin = found
        self._data = directory / "data"
        self._as_user: list[str] = []
        # A unix socket's path may have about 100 characters.
        self._sockets = Path(tempfile.mkdtemp(prefix="reports-pg-"))
        directory.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            for path in (directory, self._sockets):
                shutil.chown(path, "postgres", "postgres")
            self._as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        if not (self._data / "PG_VERSION").exists():
            command = [str(self._bin / "initdb"), f"--pgdata={self._data}", f"--username={USER}"]
            command += ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]
            subprocess.run([*self._as_user, *command], check=True, capture_output=True, cwd="/")
        self._server = self._start(LOADING if loading else USUAL)
        self._make_database()

    @property
    def url(self) -> str:
        """The URL of the database."""
        return f"postgresql+psycopg2://{USER}@/{NAME}?host={self._sockets}"

    def stop(self) -> None:
        """End it; what was committed is there next time."""
        self._server.send_signal(signal.SIGINT)
        self._server.wait(timeout=600)
        shutil.rmtree(self._sockets, ignore_errors=True)

    def _start(self, settings: dict[str, str]) -> subprocess.Popen[bytes]:
        dying = self._as_user or ["setpriv"]
        command = [*dying, "--pdeathsig=INT", str(self._bin / "postgres"), "-D", str(self._data)]
        command += ["-c", "listen_addresses=", "-c", f"unix_socket_directories={self._sockets}"]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        with (self._sockets / "log").open("wb") as log:
            server = subprocess.Popen(command, stdout=log, stderr=log, cwd="/")
        until(lambda: self._answers(server), within_s=START_S, what="PostgreSQL answers")
        return server

    def _answers(self, server: subprocess.Popen[bytes]) -> bool:
        if server.poll() is not None:
            raise RuntimeError(f"PostgreSQL ended: {(self._sockets / 'log').read_text()}")
        probe = [str(self._bin / "pg_isready"), "-q", "-h", str(self._sockets), "-U", USER]
        return subprocess.run(probe, check=False).returncode == 0

    def _make_database(self) -> None:
        door = psycopg2.connect(host=str(self._sockets), user=USER, dbname="postgres")
        door.autocommit = True
        with door.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (NAME,))
            if cursor.fetchone() is None:
                cursor.execute(f"CREATE DATABASE {NAME} TEMPLATE template0")
        door.close()
