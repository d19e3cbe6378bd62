"""A dump of a PostgreSQL database by its own tools, of the snapshot a transaction of ours holds.

The password goes by a file: other people of a machine can read command lines.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import Connection, make_url


class ToolFailed(Exception):
    """pg_dump or pg_restore is missing or said no; the message is for people."""


def dump(connection: Connection, url: str, target: Path) -> None:
    """Dump what this connection's transaction (REPEATABLE READ) sees into a file."""
    snapshot = connection.scalar(text("SELECT pg_export_snapshot()"))
    _run("pg_dump", url, "--format=custom", f"--snapshot={snapshot}", f"--file={target}")


def load(url: str, source: Path) -> None:
    """Fill an empty database, in one transaction."""
    _run(
        "pg_restore",
        url,
        *("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"),
        str(source),
    )


def _run(tool: str, url: str, *arguments: str) -> None:
    path = shutil.which(tool)
    if path is None:
        raise ToolFailed(f"{tool} is not installed (apt-get install postgresql-client)")
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [path, f"--dbname={_address(url, Path(folder) / 'pgpass')}", *arguments],
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode != 0:
        raise ToolFailed(f"{tool}: {done.stderr.strip()}")


def _address(url: str, passwords: Path) -> str:
    """The database as libpq names it, its password in a file that only we can read."""
    parsed = make_url(url).set(drivername="postgresql")
    if parsed.password is None:
        return parsed.render_as_string()
    password = str(parsed.password).replace("\\", r"\\").replace(":", r"\:")
    with open(os.open(passwords, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
        file.write(f"*:*:*:*:{password}\n")
    return (
        parsed.set(password=None).update_query_dict({"passfile": str(passwords)}).render_as_string()
    )
