"""Where a use case writes: one contract, whoever stands behind it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from agent_desk.dialer.commands import Command
from agent_desk.store.unit_of_work import Session


class WriteDoor(Protocol):
    """`GroupCommit` in the desk, `DirectDoor` in the command line."""

    def submit(
        self, command: Command | None, *, rows: Callable[[Session], None], behind: bool = False
    ) -> Any:
        """Write and wait; the answer's `ok` says whether it is durable.

        What is written `behind` waits until no command does: calls come first.
        """
