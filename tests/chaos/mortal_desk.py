"""A desk that can be killed at any line: the product's own wiring, driven step by step, no threads.

    mortal = MortalDesk(folder, clock)       # wired on a copy of a small call centre
    mortal.life.commits.submit(GoAvailable(seat))
    mortal.dies_at = Death("after the commit", 2)
    ...                                      # raises Killed there
    mortal.start()                           # what was not committed is lost

`Killed` is no Exception: the product's boundaries, which keep one failure from stopping the rest,
must not survive a kill. What had not been committed is gone with the connection, as with kill -9.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from agent_desk.desk import Desk
from agent_desk.dialer.commands import AttemptsLeased
from agent_desk.dialer.effects import PlaceCall
from agent_desk.dialer.selection import LADDERS
from agent_desk.services.running.group_commit import NOT_STORED, Entry, Reply
from agent_desk.store import audit, schema, unit_of_work
from agent_desk.store.invariants import questions as invariants
from agent_desk.store.unit_of_work import Database
from agent_desk.wiring import wire
from tests.agent_desk.small_desk import SECRET, People, configuration, populate
from tests.fakes.clock import FakeClock
from tests.fakes.gateway import WireGateway
from tests.fakes.hub import StillHub
from tests.fakes.io_server import FakeIo

# The marked points of a desk's life, in the order in which one command passes them.
POINTS = (
    "before deciding",  # on the queue; nobody has looked at it
    "inside the transaction",  # some of its rows are written, none is committed
    "before the commit",  # all rows are written, none is committed
    "after the commit",  # durable; no effect has run, nobody was told
    "before an effect",  # durable; some effects have run
    "after the lease",  # attempts are committed, the engine has not heard of them
    "after the order",  # PlaceCall is on the wire; what came of it is not heard
    "before the answer",  # all effects have run; who asked was not answered
)


# So few that the same person's turn comes again and again.
FEW = 5


class Killed(BaseException):
    """kill -9."""


@dataclass
class Death:
    """Where to die, and at the how-manieth time of passing there (from 1)."""

    point: str
    countdown: int = 1


class DrivenEntry(Entry):
    """Waiting for a reply runs the loop: there is nobody else to."""

    __slots__ = ("_desk", "_drain")

    def driven_by(self, desk: MortalDesk, drain: Callable[[], None]) -> DrivenEntry:
        self._desk, self._drain = desk, drain
        return self

    def settle(self, reply: Reply) -> None:
        if self.command_id is not None:
            self._desk.pass_point("before the answer")
        super().settle(reply)

    def wait(self, within_s: float = 10.0) -> Reply:
        self._drain()
        return self.reply or NOT_STORED


@cache
def template() -> tuple[Path, People]:
    """A few customers, two operators, the shortest waits there are; made once per process.

    Not of collections, where a person rests for hours: nobody would be called up to the cap.
    """
    return populated(
        customers=FEW,
        kind="sales",
        mode="ratio",
        ratio=2.0,
        recording=False,
        min_gap_minutes=3,
        retry={name: [1] for name, rungs in LADDERS.items() if rungs.waits},
    )


def populated(**campaign: Any) -> tuple[Path, People]:
    """A migrated, populated database nobody writes to."""
    folder = Path(tempfile.mkdtemp(prefix="mortal-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    database = Database(f"sqlite:///{folder / 'desk.db'}")
    schema.upgrade(database)
    with database.write() as session:
        people = populate(session, **campaign)
    database.close()
    return folder / "desk.db", people


@cache
def quick_folder() -> Path:
    """Where the databases of thousands of runs, one after the other, cost no disk."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="chaos-", dir=memory if memory.is_dir() else None))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


# Engines are made anew by each desk, and with them everything SQLAlchemy has compiled: two thirds
# of the time of a run. Those of one file are kept; their connections are closed with each desk.
same_engine = cache(unit_of_work._sqlite_engine)


class MortalDesk:
    """See the module."""

    def __init__(
        self,
        folder: Path,
        clock: FakeClock,
        *,
        populated: Callable[[], tuple[Path, People]] = template,
        trunk_id: str = "trunk1",
    ) -> None:
        self.clock = clock
        self.folder = folder
        self.trunk_id = trunk_id
        self.dies_at: Death | None = None
        self.deaths = 0
        source, self.people = populated()
        for old in folder.glob("desk.db*"):
            old.unlink()
        shutil.copy(source, folder / "desk.db")
        self.url = f"sqlite:///{folder / 'desk.db'}"
        self.life: Desk
        self.io: FakeIo
        self.start()

    # --- life and death -------------------------------------------------------------------------

    def start(self) -> None:
        """A desk on what the last one left in the database, and on nothing else."""
        self.dies_at = None
        self.io = FakeIo()
        hub = StillHub()
        config = configuration(self.url, self.folder)
        trunk = replace(config.trunks[0], trunk_id=self.trunk_id)
        config = replace(config, trunks=(trunk,))
        with patch.object(unit_of_work, "_sqlite_engine", same_engine):
            self.life = wire(config, hub=hub, io=self.io, clock=self.clock)  # type: ignore[arg-type]
        for namespace in self.life.namespaces:
            self.io.server.register_namespace(namespace)
        self._drive(self.life)

    def bury(self) -> None:
        """What a dead process held is given back by the system."""
        self.deaths += 1
        self.life.database.close()

    def close(self) -> None:
        self.life.database.close()

    def pass_point(self, point: str) -> None:
        """The desk is at a marked point."""
        death = self.dies_at
        if death is not None and death.point == point:
            death.countdown -= 1
            if death.countdown <= 0:
                self.dies_at = None
                raise Killed(point)

    def _drive(self, desk: Desk) -> None:
        commits: Any = desk.commits
        life = threading.get_ident()

        def drain() -> None:
            assert threading.get_ident() == life
            while commits._queue or commits._behind:
                self.pass_point("before deciding")
                commits.run_once()

        def put(
            command: Any,
            *,
            command_id: str | None = None,
            rows: Any = None,
            always: bool = False,
            behind: bool = False,
        ) -> Entry:
            if isinstance(command, AttemptsLeased) and command.attempts:
                self.pass_point("after the lease")
            entry = DrivenEntry(command, command_id, rows, always=always, behind=behind)
            entry = entry.driven_by(self, drain)
            (commits._behind if behind else commits._queue).append(entry)
            return entry

        commits.put = put
        commits.drain = drain
        self._mark(commits)

    def _mark(self, commits: Any) -> None:
        """Have the loop pass the marked points."""
        write, make_true = commits._write_events, commits._make_true
        store, run_effect = commits._store, commits._run_effect

        def write_events(session: Any, events: Sequence[Any]) -> None:
            for event in events:
                self.pass_point("inside the transaction")
                write(session, [event])

        def store_marked(batch: Any, now: Any, aside: Any) -> None:
            batch.rows.append(lambda session: self.pass_point("before the commit"))
            store(batch, now, aside)

        def make_true_marked(batch: Any, now: Any) -> None:
            if batch.writes:
                self.pass_point("after the commit")
            make_true(batch, now)

        def run_marked(effect: Any) -> None:
            self.pass_point("before an effect")
            run_effect(effect)
            if isinstance(effect, PlaceCall):
                self.pass_point("after the order")

        commits._write_events = write_events
        commits._store = store_marked
        commits._make_true = make_true_marked
        commits._run_effect = run_marked

    # --- asking ---------------------------------------------------------------------------------

    def settle(self) -> None:
        """Decide everything that waits."""
        self.life.commits.drain()  # type: ignore[attr-defined]

    def tick(self) -> None:
        """What the desk does several times a second."""
        self.life.routine.tick()
        self.settle()

    def connect(self, gateway: WireGateway) -> bool:
        """Let a gateway say hello to the desk that lives now; false when it was turned away."""
        gateway.server = self.io.server
        gateway.connect(SECRET)
        return True

    def violations(self) -> list[str]:
        """What the auditor says of the rows."""
        with self.life.database.read() as session:
            return [f"{found.invariant}: {found.text} {found.ids}" for found in _check(session)]

    def broken_chain(self, key: bytes) -> str | None:
        """What is wrong with the audit trail after everything was sealed."""
        with self.life.database.write() as session:
            audit.seal(session, key)
        with self.life.database.read() as session:
            flaw = audit.verify(session, key)
        return None if flaw is None else flaw.text


def _check(session: Any) -> Any:
    return invariants.check(session)
