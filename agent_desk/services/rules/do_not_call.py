"""架電禁止, effective at once (I9): the row, the news to floor and gateways and the audit are one.

A block goes through the commit loop together with `BlockCustomer`, so nothing can be leased between
the two: an attempt that was leased before is ended, one that would be leased after finds the row.
Where no desk runs there is nobody to tell, and `DirectDoor` writes the rows alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agent_desk.dialer.commands import BlockCustomer, Command
from agent_desk.services.dialing.withdrawals import Withdrawals
from agent_desk.services.errors import ServiceError
from agent_desk.services.lists import normalise
from agent_desk.services.ports import Clock
from agent_desk.services.rules.block_terms import Terms
from agent_desk.services.write_door import WriteDoor
from agent_desk.store import audit
from agent_desk.store.lists import scope
from agent_desk.store.rules import block_lists, do_not_call
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database, Session

CAUSE = "do-not-call"
SHOWN = 100
LONGEST_REASON = 64
ENDED_AT_ONCE = 100  # entries whose end has come, lifted in one transaction
FOR_EVERYTHING = Terms()


@dataclass(frozen=True)
class BlockLine:
    """One block in force. `last4` is "" for a person, or a number no customer has."""

    id: int
    last4: str
    customer_id: int | None
    reason: str
    since: datetime
    product: str | None
    basis: str
    expires_at: datetime | None


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
        calls: Withdrawals | None = None,
    ) -> None:
        """`calls` ends what is under way for one product; None where no desk runs."""
        self._database = database
        self._sealer = sealer
        self._commits = commits
        self._clock = clock
        self._practice = practice
        self._calls = calls

    def block_number(
        self, number: str, *, reason: str, actor: str, terms: Terms = FOR_EVERYTHING
    ) -> None:
        """Do not call this number, whoever has it.

        ServiceError: number-unusable, reason-needed, those of `Terms`, not-stored.
        """
        e164 = self._e164(number)
        key = self._sealer.number_key(e164)
        whom = {"number_key": key, "number_sealed": self._sealer.seal(e164)}
        self._block((key,), reason=reason, actor=actor, terms=terms, whom=whom)

    def block_customer(
        self,
        external_id: str,
        *,
        reason: str,
        actor: str,
        terms: Terms = FOR_EVERYTHING,
        teams: frozenset[int] | None = None,
    ) -> None:
        """Do not call this person, on any number; `external_id` is the 顧客番号 of the lists.

        ServiceError: customer-unknown (also when several have it, or the person has nothing to do
        with `teams`), reason-needed, those of `Terms`, not-stored.
        """
        with self._database.read() as session:
            found = do_not_call.customers_with(session, external_id.strip())
            if teams is not None:
                found = [each for each in found if scope.is_theirs(session, each, teams)]
            keys = do_not_call.keys_of(session, found[0]) if len(found) == 1 else ()
        if len(found) != 1:
            raise ServiceError("customer-unknown")
        whom = {"customer_id": found[0]}
        self._block(tuple(keys), reason=reason, actor=actor, terms=terms, whom=whom)

    def expire(self) -> int:
        """Lift what has come to its end; how many there were."""
        now = self._clock.now()
        with self._database.read() as session:
            ended = block_lists.expired(session, now, limit=ENDED_AT_ONCE)
        if ended:

            def rows(session: Session) -> None:
                for block_id in ended:
                    do_not_call.lift(session, block_id, at=now)
                    _note(session, block_id, "do_not_call.expired", at=now, actor="desk")

            self._write(None, rows)
        return len(ended)

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

    def current(self, before: int | None = None, *, most: int = SHOWN) -> list[BlockLine]:
        """The newest blocks in force, below an id; of a number only its end is opened."""
        with self._database.read() as session:
            return [
                BlockLine(
                    row.id,
                    self._last4(row.number_sealed),
                    row.customer_id,
                    row.reason,
                    row.since,
                    row.product,
                    row.basis,
                    row.expires_at,
                )
                for row in do_not_call.standing(session, before=before, limit=most)
            ]

    def products(self) -> list[tuple[int, str]]:
        """What an entry can be for, by id and name."""
        with self._database.read() as session:
            return block_lists.products(session)

    def write(self, rows: Callable[[Session], None]) -> None:
        """Rows about the list as a whole; ServiceError not-stored."""
        self._write(None, rows)

    # --- inside ---------------------------------------------------------------------------------

    def _block(
        self, keys: tuple[str, ...], *, reason: str, actor: str, terms: Terms, whom: dict[str, Any]
    ) -> None:
        reason = reason.strip()
        if not 1 <= len(reason) <= LONGEST_REASON:
            raise ServiceError("reason-needed")
        now = self._clock.now()
        expires_at = terms.expires_at(now)

        said: dict[str, Any] = {
            "source": actor,
            "product_id": terms.product_id,
            "basis": terms.basis,
            "expires_at": expires_at,
        }

        def rows(session: Session) -> None:
            subject: dict[str, Any] = {
                name: whom.get(name) for name in ("number_key", "customer_id")
            }
            if do_not_call.same(session, **subject, **said) is not None:
                return  # sent again by who never heard that it was written
            block_id = do_not_call.add(session, since=now, reason=reason, **said, **whom)
            # The reason is somebody's words and may name people: it stays with the row.
            _note(session, block_id, "do_not_call.added", at=now, actor=actor)

        if terms.product_id is None:
            self._write(BlockCustomer(keys, CAUSE), rows)
            return
        self._write(None, rows)
        self._end_calls(keys, terms.product_id)

    def _end_calls(self, keys: tuple[str, ...], product_id: int) -> None:
        """What is queued or rings for the product; those for others go on."""
        if self._calls is not None:
            self._calls.withdraw(
                lambda session: block_lists.open_calls_for(session, keys, product_id),
                reason=CAUSE,
                ringing=True,
            )

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
        return self._sealer.number_key(self._e164(number))

    def _e164(self, number: str) -> str:
        try:
            return normalise.number(number, practice=self._practice).e164
        except normalise.BadValue as bad:
            raise ServiceError("number-unusable", reason=bad.reason) from None

    def _last4(self, sealed: bytes | None) -> str:
        number = self._sealer.open_optional(sealed)
        return "" if number is None else number[-4:]


def _note(session: Session, block_id: int, action: str, *, at: datetime, actor: str) -> None:
    audit.append(session, at=at, actor=actor, action=action, subject=f"do_not_call:{block_id}")
