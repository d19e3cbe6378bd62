"""Beginning the demo anew: what it wrote is removed, and nothing else, ever.

Refused unless the data are the demo's own and lie where it puts them: a database elsewhere may be
somebody's, and a desk with a trunk never was a demo.
"""

from __future__ import annotations

import fcntl
import shutil
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from agent_desk.services.demo.seed import DemoRefused, demo_rows_exist
from agent_desk.store.lock import lock_data_directory
from agent_desk.store.unit_of_work import Database

DATABASE = "desk.db"
# Keys and logs stay: neither says anything of the demo's people.
WRITTEN = (
    DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", "audit-head.log", "imports", "recordings",
    "gateway*",
)  # fmt: skip


def reset_demo(data_dir: Path, database_url: str) -> bool:
    """Remove the demo of a data directory; False when there is none.

    Raises `DataDirectoryLocked` while a desk runs there, and `DemoRefused`.
    """
    with lock_data_directory(data_dir):
        _refuse_running_gateways(data_dir)
        file = data_dir / DATABASE
        if database_url != f"sqlite:///{file}":
            raise DemoRefused("the database is not the demo's own file: nothing was removed")
        if not file.exists():
            return False
        _refuse_others_rows(database_url)
        for name in WRITTEN:
            for found in data_dir.glob(name):
                if found.is_dir() and not found.is_symlink():
                    shutil.rmtree(found)
                else:
                    found.unlink()
    return True


def _refuse_running_gateways(data_dir: Path) -> None:
    for path in data_dir.glob("gateway*/lock"):
        with path.open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise DemoRefused(f"{path.parent} is in use: stop `make run` first") from None


def _refuse_others_rows(database_url: str) -> None:
    database = Database(database_url, readonly=True)
    try:
        with database.read() as session:
            known = demo_rows_exist(session)
    except SQLAlchemyError:
        known = False
    finally:
        database.close()
    if not known:
        raise DemoRefused("the data are not the demo's: nothing was removed")
