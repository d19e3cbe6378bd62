"""Changing keys: everything sealed anew, hashes made anew, in steps nobody notices.

The newest data key seals and every configured one opens, so a desk that was started with the new
key before the old one works on while this goes through its rows. Hashes can only be compared where
all were made with one key: another index key is put in with the desk stopped, and a desk does not
start before the rotation is through.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from agent_desk.services.errors import ServiceError
from agent_desk.services.lists import normalise
from agent_desk.services.ports import Clock
from agent_desk.services.write_door import WriteDoor
from agent_desk.store import audit, rotation, system
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database, Session


@dataclass(frozen=True)
class Progress:
    """What one step did; `part` "" when there is nothing left. `key` names the keys in use."""

    part: str
    rows: int
    key: str


class Rotation:
    """Goes on wherever the last one stopped."""

    def __init__(
        self, *, database: Database, sealer: Sealer, commits: WriteDoor, clock: Clock
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._commits = commits
        self._clock = clock

    @property
    def key(self) -> str:
        """Names newest data key and index key, without telling either."""
        return name_of(self._sealer)

    def step(self) -> Progress:
        """Some rows of the first part that is not done with.

        ServiceError: not-stored, areas-unnamed (the index key is another one, and of some customers
        only hashes say where they live; details: customers).
        """
        with self._database.read() as session:
            part = rotation.next_part(session, self.key)
            changed = system.get(session, system.INDEX_KEY) not in (None, self._sealer.index_id)
            unnamed = rotation.unnamed_areas(session) if changed else 0
        if unnamed:
            raise ServiceError("areas-unnamed", customers=unnamed)
        if part is None:
            return Progress("", 0, self.key)
        done: list[rotation.Step] = []

        def rows(session: Session) -> None:
            now = self._clock.now()
            done.append(
                rotation.step(
                    session, self._sealer, part, key=self.key, name_form=normalise.name, at=now
                )
            )
            if rotation.next_part(session, self.key) is None:
                system.put(session, system.INDEX_KEY, self._sealer.index_id)
                audit.append(
                    session,
                    at=now,
                    actor="keys",
                    action="keys.rotated",
                    subject="keys",
                    details={"key": self.key},
                )

        if not self._commits.submit(None, rows=rows).ok:
            raise ServiceError("not-stored")
        return Progress(part, done[-1].rows, self.key)


def name_of(sealer: Sealer) -> str:
    """A name for the keys in use: equal names, equal keys."""
    return hashlib.sha256(sealer.newest + sealer.index_id.encode()).hexdigest()[:16]


def index_key_fits(database: Database, sealer: Sealer) -> bool:
    """Whether the hashes were made with this index key; noted on a first start."""
    with database.read() as session:
        noted = system.get(session, system.INDEX_KEY)
    if noted is None:
        with database.write() as session:
            system.put(session, system.INDEX_KEY, sealer.index_id)
    return noted in (None, sealer.index_id)
