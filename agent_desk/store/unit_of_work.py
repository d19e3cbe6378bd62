"""The database: one door for writing, one for reading, and the only commit in the product.

SQLite has one writer. Under eventlet two greenlets that both wait inside SQLite would stop the
whole process (the one that holds the lock can never run again), so

* writers queue on a semaphore *before* they touch the database; `threading.Semaphore` is made
  green by the entry module's patching;
* `busy_timeout` is 0: SQLite never sleeps inside C. Another process may hold the lock for a moment
  (a command line, a back-up); then we pause, which lets other greenlets run, and ask again;
* a write begins with BEGIN IMMEDIATE, so that it cannot fail half-way for want of the lock;
* nothing may yield between the begin and the commit: no emit, no HTTP, no sleep. What follows
  from a write is done after it. The one exception are bulk writes, whose statements and commit run
  in a real thread (`aside`): other greenlets go on reading, those that would write wait at the
  semaphore, outside SQLite.

PostgreSQL needs none of this; its readers get one snapshot, as SQLite's do.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from sqlalchemy import create_engine, event
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.exc import DisconnectionError, OperationalError
from sqlalchemy.orm import Session

from agent_desk.store import straight
from agent_desk.store.bulk_rows import Aside
from agent_desk.store.kept_plans import keep_plans

__all__ = ["Database", "DatabaseBusy", "Session"]

BUSY_FOR_S = 10.0
_BUSY_PAUSE_S = 0.005
_TRUSTED_S = 1.0
# The log goes into the database outside the desk (`tidy`); were nobody to do it, the desk would
# at this many pages, with everybody waiting.
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=0",
    "wal_autocheckpoint=4000",
)


class DatabaseBusy(Exception):
    """Another process kept the database locked for longer than `BUSY_FOR_S`."""


class Database:
    """Sessions on one database.

    `semaphore` makes the write door of SQLite, `pause` waits between two tries for its lock;
    `readonly` refuses every write (the worker's way in). `forsaken_after_s`: PostgreSQL undoes a
    transaction in which nothing was said for so long, as one of a process that stands still; its
    locks would keep the next desk out. Raises `DatabaseBusy` from `write()` and `read()`, and
    SQLAlchemy's own errors for everything else.
    """

    def __init__(
        self,
        url: str,
        *,
        readonly: bool = False,
        semaphore: Callable[[], AbstractContextManager[Any]] = threading.Semaphore,
        pause: Callable[[float], None] = time.sleep,
        pool_size: int = 10,
        forsaken_after_s: float | None = None,
    ) -> None:
        self.url = url
        self.readonly = readonly
        self._pause = pause
        self._sqlite = make_url(url).get_backend_name() == "sqlite"
        self._door = semaphore()
        if self._sqlite:
            self._reader = _sqlite_engine(url, readonly=True, pool_size=pool_size)
            self._writer = _sqlite_engine(url, readonly=readonly, pool_size=1)
        else:
            self._writer = _postgresql_engine(
                url, pool_size=pool_size, forsaken_after_s=forsaken_after_s
            )
            self._reader = self._writer.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            self._looker = self._writer.execution_options(isolation_level="AUTOCOMMIT")

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._writer.dialect.name

    @contextmanager
    def write(self, aside: Aside | None = None) -> Iterator[Session]:
        """A transaction that is committed at the end of the block, or undone by its exception.

        Not re-entrant: a second `write()` inside the block would wait for the first for ever.
        `aside` is where SQLite waits for the disk while others have their turn.
        """
        if self.readonly:
            raise PermissionError("this process reads the database only")
        if not self._sqlite:
            with Session(self._writer, expire_on_commit=False) as session, session.begin():
                yield session
            return
        with self._door, self._begun(self._writer) as session:
            yield session
            if aside is not None:
                session.flush()  # what is only pending would follow the commit, one by one
                aside(session.connection().exec_driver_sql, "COMMIT")
            session.commit()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """One consistent snapshot; whatever is changed in it is lost."""
        if not self._sqlite:
            with Session(self._reader, expire_on_commit=False) as session:
                yield session
            return
        with self._begun(self._reader) as session:
            yield session

    @contextmanager
    def look(self) -> Iterator[Session]:
        """For a single question, or several that need not agree: each sees the newest there is.

        On PostgreSQL that spares beginning and ending a snapshot, which are two journeys.
        Nothing may be written in it.
        """
        if not self._sqlite:
            with Session(self._looker, expire_on_commit=False) as session:
                yield session
            return
        with self.read() as session:
            yield session

    def tidy(self) -> None:
        """Move SQLite's log into the database, as far as nobody is in the way of it.

        For a process beside the desk: it waits for the disk so that the desk need not.
        """
        if self._sqlite:
            connection = self._reader.raw_connection()
            try:
                connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
            finally:
                connection.close()

    def engine(self) -> Engine:
        """The writing engine, for migrations and bulk loads."""
        return self._writer

    def close(self) -> None:
        """Close every connection."""
        self._reader.dispose()
        self._writer.dispose()

    @contextmanager
    def _begun(self, engine: Engine) -> Iterator[Session]:
        """A session whose transaction holds its lock, waiting for other processes if needed."""
        tries = int(BUSY_FOR_S / _BUSY_PAUSE_S)
        with Session(engine, expire_on_commit=False) as session:
            for _ in range(tries):
                try:
                    session.connection()
                    break
                except OperationalError as error:
                    session.rollback()
                    if "locked" not in str(error.orig):
                        raise
                    self._pause(_BUSY_PAUSE_S)
            else:
                raise DatabaseBusy(f"the database was locked for {BUSY_FOR_S:g} s")
            yield session


def _postgresql_engine(url: str, *, pool_size: int, forsaken_after_s: float | None) -> Engine:
    """Connections that a restarted server has closed are replaced before anybody works on one.

    Asking each time would be a round trip for every transaction. One that was used a moment ago is
    trusted: no server restarts so fast, and a transaction may lose its server in any case.
    """
    options = {}
    if forsaken_after_s is not None:
        limit_ms = round(forsaken_after_s * 1000)
        options["options"] = f"-c idle_in_transaction_session_timeout={limit_ms}"
    engine = create_engine(url, pool_size=pool_size, hide_parameters=True, connect_args=options)

    @event.listens_for(engine, "checkin")
    def rest(connection: Any, record: Any) -> None:
        record.info["rests_since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def wake(connection: Any, record: Any, proxy: object) -> None:
        rested = time.monotonic() - record.info.get("rests_since", time.monotonic())
        if rested < _TRUSTED_S:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as gone:
            raise DisconnectionError from gone

    straight.send_in_time(engine)
    keep_plans(engine)
    return engine


def _sqlite_engine(url: str, *, readonly: bool, pool_size: int) -> Engine:
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0 if pool_size == 1 else 20,
        pool_timeout=60,
        hide_parameters=True,  # what a failed statement carried must not reach a log
    )

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        if readonly:
            connection.execute("PRAGMA query_only=ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if readonly:
            connection.exec_driver_sql("BEGIN")
            # BEGIN alone takes no snapshot; the first read does, and may find the file locked.
            connection.exec_driver_sql("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
        else:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
