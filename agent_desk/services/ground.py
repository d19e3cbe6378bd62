"""What use cases stand on, as far as they need it: of a running desk, or of one command.

`agent_desk/ground.py` lays it; a room that needs more adds it to one of these.
"""

from __future__ import annotations

from typing import Protocol

from agent_desk.services.ports import Clock, Hub
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database
from config import DeskConfig


class Ground(Protocol):
    """A command of the command line has this much."""

    @property
    def database(self) -> Database: ...

    @property
    def sealer(self) -> Sealer: ...

    @property
    def clock(self) -> Clock: ...


class DeskGround(Ground, Protocol):
    """A running desk."""

    @property
    def hub(self) -> Hub: ...

    @property
    def config(self) -> DeskConfig: ...
