"""A group commit whose loop runs, for tests of the services that submit to it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from agent_desk.dialer.effects import Effect
from agent_desk.dialer.floor import Floor
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.store.rows.journal import Journal
from agent_desk.store.unit_of_work import Database
from tests.agent_desk.store.desk_rows import SEALER
from tests.fakes.clock import FakeClock


@dataclass
class Running:
    """The loop, what it decided should be done, and how to end it."""

    commits: GroupCommit
    effects: list[Effect] = field(default_factory=list)
    end: Callable[[], None] = lambda: None

    @property
    def floor(self) -> Floor:
        return self.commits.floor

    def settle(self) -> None:
        """Wait until what was put before is done."""
        assert self.commits.submit(None).ok

    def stop(self) -> None:
        self.end()


def running(floor: Floor, *, database: Database, clock: FakeClock, journal: bool = True) -> Running:
    """Start a loop around a floor. Without `journal` its events leave no rows: a floor made up by
    a test has no rows of its own that they could refer to."""
    effects: list[Effect] = []
    writer = Journal(SEALER).write_events if journal else lambda session, events: None
    commits = GroupCommit(
        database=database,
        clock=clock,
        floor=floor,
        write_events=writer,
        run_effect=effects.append,
        committed=lambda *_: None,
    )
    loop = threading.Thread(target=commits.run_forever, daemon=True)
    loop.start()

    def end() -> None:
        commits.stop()
        loop.join(5)

    return Running(commits, effects, end)
