"""Refusals (R38): who does not want to be solicited for a product is not, on any list or import."""

from __future__ import annotations

from agent_desk.services.actor import Actor
from agent_desk.services.dialing.withdrawals import Withdrawals
from agent_desk.services.errors import ServiceError
from agent_desk.services.lists.customers import customer_of
from agent_desk.services.ports import Clock
from agent_desk.store import audit
from agent_desk.store.campaigns import campaigns
from agent_desk.store.rules import do_not_call, reviews, withdrawals
from agent_desk.store.unit_of_work import Database, Session

CAUSE = "refused"
LONGEST_REASON = 64
SHOWN = 200


class RefusalService:
    """Notes a refusal made outside a call; those made on one are noted with its result.

    It is lifted like any other entry of the do-not-call list.
    """

    def __init__(self, *, database: Database, clock: Clock, calls: Withdrawals) -> None:
        self._database = database
        self._clock = clock
        self._calls = calls

    def refuse(self, customer: str, *, product: str, reason: str, actor: Actor) -> int:
        """Suppress a person for a product; the id of the entry.

        ServiceError: customer-unknown, reason-needed, not-in-scope (no such product), not-stored.
        """
        reason, now = reason.strip(), self._clock.now()
        if not 1 <= len(reason) <= LONGEST_REASON:
            raise ServiceError("reason-needed")
        with self._database.read() as session:
            customer_id = customer_of(session, customer, teams=actor.teams)
            product_id = campaigns.product_named(session, product)
        if product_id is None:
            raise ServiceError("not-in-scope", product=product)
        made: list[int] = []

        def rows(session: Session) -> None:
            row_id = do_not_call.refuse(
                session, customer_id, product_id, at=now, reason=reason, source=actor.username
            )
            made.append(row_id)
            withdrawals.close_entries(session, [customer_id], product_id, reason=CAUSE, at=now)
            audit.append(
                session,
                at=now,
                actor=actor.username,
                action="refusal.noted",
                subject=f"customer:{customer_id}",
                details={"product": product_id, "do_not_call": row_id},
            )

        self._calls.write(rows)
        self._calls.withdraw(
            lambda session: withdrawals.open_calls_on_lists(session, customer_id, product_id),
            reason=CAUSE,
            ringing=True,
        )
        return made[-1]

    def to_review(self, *, teams: frozenset[int] | None) -> list[reviews.ReviewRow]:
        """Who hung up without a word, twice, and nobody has looked yet whether that was a refusal.

        A lead who finds that it was none lifts R38-REVIEW; if it was one, notes the refusal.
        """
        with self._database.read() as session:
            return reviews.waiting(session, self._clock.now(), teams=teams, limit=SHOWN)
