"""Undoing an import by its batch, a few rows at a time, however long it takes.

Whoever only this import brought and nobody has called goes. Whoever has a history, in calls, in
notes, on another list or by a later file, stays a customer and leaves the list; an entry that was
called is kept as the evidence it is, and closed. What a file changed of people who were there
before (an amount, a further number) is not changed back: nobody kept what it was.
"""

from __future__ import annotations

from agent_desk.services.errors import ServiceError
from agent_desk.services.lists.import_ground import ImportGround, queue
from agent_desk.store.lists import batches as import_batches
from agent_desk.store.lists import undoing
from agent_desk.store.lists.undoing import Undone
from agent_desk.store.unit_of_work import Session

STEP = 50
ENDED = ("finished", "failed", "cancelled")


class ImportUndo:
    """Takes batches back."""

    def __init__(self, ground: ImportGround) -> None:
        self._ground = ground

    def begin(self, batch_id: int, *, actor: str) -> None:
        """Have a batch undone; ServiceError import-step, import-running, not-stored."""
        ground = self._ground
        batch = ground.batch(batch_id)
        if not batch.added + batch.updated:
            raise ServiceError("import-step")
        now = ground.clock.now()
        refused: list[str] = []

        def rows(session: Session) -> None:
            refused.clear()
            if import_batches.running_into(session, batch.list_name) is not None:
                refused.append("import-running")
            elif not import_batches.move(session, batch_id, ENDED, state="undoing"):
                refused.append("import-step")
            else:
                queue(session, batch_id, "undoing", now)
                ground.note(session, actor, "list.import.undo", batch_id, list=batch.list_id)

        ground.write(rows)
        if refused:
            raise ServiceError(refused[0])

    def step(self, batch_id: int) -> bool:
        """Take the next rows back; False when nothing is left, and the batch is undone.

        ServiceError: import-finished, not-stored.
        """
        ground = self._ground
        if ground.batch(batch_id).state != "undoing":
            raise ServiceError("import-finished")
        now, left = ground.clock.now(), [True]

        def rows(session: Session) -> None:
            left[0] = undoing.take_back(session, batch_id, STEP)
            if not left[0]:
                import_batches.move(session, batch_id, ("undoing",), state="undone", ended_at=now)
                import_batches.end_jobs(session, batch_id, at=now)

        ground.write(rows, behind=True)
        return left[0]

    def counts(self, batch_id: int) -> Undone:
        """What became of the rows that were taken back so far."""
        with self._ground.database.read() as session:
            return undoing.counts(session, batch_id)
