"""架電禁止, effective at once (I9): the row, the news to floor and gateways and the audit are one.

A block goes through the commit loop together with `BlockCustomer`, so nothing can be leased between
the two: an attempt that was leased before is ended, one that would be leased after finds the row.
Where no desk runs there is nobody to tell, and `DirectDoor` writes the rows alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from agent_desk.dialer.commands import BlockCustomer, Command
from agent_desk.services.errors import ServiceError
from agent_desk.services.lists import normalise
from agent_desk.services.ports import Clock
from agent_desk.store import audit
from agent_desk.store.rules import do_not_call
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database, Session

CAUSE = "do-not-call"
SHOWN = 200
LONGEST_REASON = 64


class WriteDoor(Protocol):
    """Where rows are written: `GroupCommit` in the desk, `DirectDoor` in the command line."""

    def submit(self, command: Command | None, *, rows: Callable[[Session], None]) -> Any:
        """Write and wait; the answer's `ok` says whether it is durable."""


@dataclass(frozen=True)
class BlockLine:
    """One block in force. `last4` is "" for a person, or a number no customer has."""

    id: int
    last4: str
    customer_id: int | None
    reason: str
    since: datetime


class DoNotCallService:
    """Adds blocks and lifts them. Each of its ServiceErrors leaves everything as it was."""

    def __init__(
        self,
        *,
        database: Database,
        sealer: Sealer,
        commits: WriteDoor,
        clock: Clock,
        practice: bool,
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._commits = commits
        self._clock = clock
        self._practice = practice

    def block_number(self, number: str, *, reason: str, actor: str) -> None:
        """Never call this number again, whoever has it.

        ServiceError: number-unusable, reason-needed, not-stored.
        """
        key = self._key(number)
        self._block((key,), reason=reason, actor=actor, number_key=key)

    def block_customer(self, external_id: str, *, reason: str, actor: str) -> None:
        """Never call this person again, on any number; `external_id` is the 顧客番号 of the lists.

        ServiceError: customer-unknown (also when several have it), reason-needed, not-stored.
        """
        with self._database.read() as session:
            found = do_not_call.customers_with(session, external_id.strip())
            keys = do_not_call.keys_of(session, found[0]) if len(found) == 1 else ()
        if len(found) != 1:
            raise ServiceError("customer-unknown")
        self._block(tuple(keys), reason=reason, actor=actor, customer_id=found[0])

    def lift(self, block_id: int, *, actor: str) -> None:
        """End one block; ServiceError block-unknown when it is not in force."""
        with self._database.read() as session:
            standing = do_not_call.stands(session, block_id)
        if not standing:
            raise ServiceError("block-unknown")
        self._lift([block_id], actor=actor)

    def lift_number(self, number: str, *, actor: str) -> None:
        """End every block of a number; ServiceError number-unusable, block-unknown."""
        with self._database.read() as session:
            blocks = do_not_call.standing_of_number(session, self._key(number))
        if not blocks:
            raise ServiceError("block-unknown")
        self._lift(blocks, actor=actor)

    def current(self) -> list[BlockLine]:
        """The newest blocks in force; of a number only its end is opened."""
        with self._database.read() as session:
            return [
                BlockLine(
                    row.id, self._last4(row.number_sealed), row.customer_id, row.reason, row.since
                )
                for row in do_not_call.standing(session, limit=SHOWN)
            ]

    # --- inside ---------------------------------------------------------------------------------

    def _block(
        self,
        keys: tuple[str, ...],
        *,
        reason: str,
        actor: str,
        number_key: str | None = None,
        customer_id: int | None = None,
    ) -> None:
        reason = reason.strip()
        if not 1 <= len(reason) <= LONGEST_REASON:
            raise ServiceError("reason-needed")
        now = self._clock.now()

        def rows(session: Session) -> None:
            block_id = do_not_call.add(
                session,
                since=now,
                reason=reason,
                source=actor,
                number_key=number_key,
                customer_id=customer_id,
            )
            # The reason is somebody's words and may name people: it stays with the row.
            _note(session, block_id, "do_not_call.added", at=now, actor=actor)

        self._write(BlockCustomer(keys, CAUSE), rows)

    def _lift(self, blocks: list[int], *, actor: str) -> None:
        now = self._clock.now()

        def rows(session: Session) -> None:
            for block_id in blocks:
                do_not_call.lift(session, block_id, at=now)
                _note(session, block_id, "do_not_call.lifted", at=now, actor=actor)

        self._write(None, rows)

    def _write(self, command: Command | None, rows: Callable[[Session], None]) -> None:
        if not self._commits.submit(command, rows=rows).ok:
            raise ServiceError("not-stored")

    def _key(self, number: str) -> str:
        try:
            found = normalise.number(number, practice=self._practice)
        except normalise.BadValue as bad:
            raise ServiceError("number-unusable", reason=bad.reason) from None
        return self._sealer.number_key(found.e164)

    def _last4(self, sealed: bytes | None) -> str:
        number = self._sealer.open_optional(sealed)
        return "" if number is None else number[-4:]


def _note(session: Session, block_id: int, action: str, *, at: datetime, actor: str) -> None:
    audit.append(session, at=at, actor=actor, action=action, subject=f"do_not_call:{block_id}")
