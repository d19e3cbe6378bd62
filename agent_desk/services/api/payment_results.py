"""What became of a file of payments: looked through page by page, and taken along as a file.

Kept in memory for a while, for who sent the file: the payments themselves are in the database, and
a file may be sent again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from agent_desk.services.actor import Actor
from agent_desk.services.api.payment_files import Entered, RefusedRow
from agent_desk.services.errors import ServiceError
from agent_desk.services.people.files_once import FilesOnce
from agent_desk.services.people.tables_of_text import answer_file
from agent_desk.services.ports import Clock
from agent_desk.services.rules.trail import note
from agent_desk.services.write_door import WriteDoor
from agent_desk.store.unit_of_work import Session

PAGE = 100
KIND = "payments"


@dataclass(frozen=True)
class ResultPage:
    """Refused rows in the order of the file; `next_after` is None on the last page."""

    found: Entered
    rows: Sequence[RefusedRow]
    next_after: int | None


class PaymentResults:
    """Keeps results by a name that only who sent the file can use."""

    def __init__(self, *, files: FilesOnce, commits: WriteDoor, clock: Clock) -> None:
        self._files = files
        self._commits = commits
        self._clock = clock

    def keep(self, user_id: int, found: Entered) -> str:
        """The name to ask for it by."""
        return self._files.keep(user_id, json.dumps(asdict(found)).encode(), kind=KIND)

    def page(self, user_id: int, name: str, *, after: int) -> ResultPage:
        """The rows below a row of the file; ServiceError file-gone."""
        found = self._found(user_id, name)
        rows = [row for row in found.refused if row.row_no > after]
        more = rows[PAGE - 1].row_no if len(rows) > PAGE else None
        return ResultPage(found, rows[:PAGE], more)

    def hand_out(
        self, user_id: int, name: str, *, why: tuple[str, Callable[[str], str]], actor: Actor
    ) -> bytes:
        """All refused rows as CSV: the file's own columns and the reason, to be corrected and sent
        again. `why`: the reason's heading, and the words for an error id.

        They are personal data, so who takes them is noted first. ServiceError file-gone,
        not-stored.
        """
        found = self._found(user_id, name)
        now = self._clock.now()
        told = {"rows": len(found.refused)}

        def rows(session: Session) -> None:
            action = "payments.refused.exported"
            note(session, action, subject="payments", at=now, actor=actor, details=told)

        if not self._commits.submit(None, rows=rows).ok:
            raise ServiceError("not-stored")
        heading, reason = why
        width = len(found.header)
        return answer_file(
            [*found.header, heading],
            ([*row.cells, *[""] * width][:width] + [reason(row.error_id)] for row in found.refused),
        )

    def _found(self, user_id: int, name: str) -> Entered:
        data = self._files.look(user_id, name, kind=KIND)
        if data is None:
            raise ServiceError("file-gone")
        told = json.loads(data)
        refused = [RefusedRow(**row) for row in told.pop("refused")]
        return Entered(refused=refused, **told)
