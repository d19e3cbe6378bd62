"""入金約束 as leads look at them: what is due, what was kept, and which payments were counted."""

from __future__ import annotations

import base64
import binascii
import struct
from dataclasses import dataclass
from datetime import date

from agent_desk.dialer.business_time import business_date
from agent_desk.services.actor import Actor
from agent_desk.services.errors import ServiceError
from agent_desk.services.ports import Clock
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.store import audit
from agent_desk.store.records import promise_ledger
from agent_desk.store.records.promise_ledger import LedgerFilter, LedgerRow
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database, Session

PAGE = 50
MOST_EXPORTED = 5000
_CURSOR = struct.Struct("!iq")


@dataclass(frozen=True)
class PromiseLine:
    """One promise with the person's name and how it stands today."""

    row: LedgerRow
    name: str
    standing: str

    @property
    def paid_yen(self) -> int:
        """What came in for the product since it was promised."""
        return sum(amount for _, amount in self.row.paid)


@dataclass(frozen=True)
class PromiseLedgerPage:
    """One page; `next_cursor` is "" on the last."""

    lines: tuple[PromiseLine, ...]
    next_cursor: str


class PromisePages:
    """Within the teams of who asks; each look and each export is audited."""

    def __init__(
        self, *, database: Database, sealer: Sealer, commits: GroupCommit, clock: Clock
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._commits = commits
        self._clock = clock

    def page(self, actor: Actor, wanted: LedgerFilter, *, cursor: str) -> PromiseLedgerPage:
        """Soonest due first. ServiceError bad-payload for a cursor or standing that is none."""
        after = _read(cursor) if cursor else None
        rows = self._rows(actor, wanted, after, PAGE + 1)
        shown = rows[:PAGE]
        self._note(actor, "promises.listed", len(shown))
        more = _write(shown[-1]) if len(rows) > PAGE else ""
        return PromiseLedgerPage(tuple(map(self._line, shown)), more)

    def export(self, actor: Actor, wanted: LedgerFilter) -> list[PromiseLine]:
        """The first 5,000 of them, for a spreadsheet."""
        rows = self._rows(actor, wanted, None, MOST_EXPORTED)
        self._note(actor, "promises.exported", len(rows))
        return [self._line(row) for row in rows]

    def _rows(
        self, actor: Actor, wanted: LedgerFilter, after: tuple[date, int] | None, limit: int
    ) -> list[LedgerRow]:
        actor.needs("lead")
        if wanted.standing not in ("", *promise_ledger.STANDINGS):
            raise ServiceError("bad-payload", reason="standing")
        today = business_date(self._clock.now())
        with self._database.read() as session:
            return promise_ledger.page(
                session, wanted, teams=actor.teams, today=today, after=after, limit=limit
            )

    def _line(self, row: LedgerRow) -> PromiseLine:
        standing = row.state
        states = {state for _, _, state in row.parts}
        if standing in ("open", "broken") and "kept" in states:
            standing = "part"
        elif standing == "open" and row.due_on <= business_date(self._clock.now()):
            standing = "due"
        return PromiseLine(row, self._sealer.open(row.name_sealed), standing)

    def _note(self, actor: Actor, action: str, count: int) -> None:
        now = self._clock.now()

        def write(session: Session) -> None:
            audit.append(
                session,
                at=now,
                actor=actor.username,
                action=action,
                subject="report:promises",
                details={"count": count},
            )

        self._commits.put(None, rows=write)


def _write(row: LedgerRow) -> str:
    packed = _CURSOR.pack(row.due_on.toordinal(), row.id)
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def _read(text: str) -> tuple[date, int]:
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        day, row_id = _CURSOR.unpack(raw)
        return date.fromordinal(day), row_id
    except (binascii.Error, struct.error, ValueError, OverflowError) as fault:
        raise ServiceError("bad-payload", reason="cursor") from fault
