"""Payments as they are posted: the debt shrinks, and who owes nothing any more is not called (R54).

A call that was placed already is let finish; what was only queued, every entry of the product's
lists and every callback owed there goes at once. The same payment posted twice counts once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from agent_desk.services.actor import Actor
from agent_desk.services.dialing.withdrawals import Withdrawals
from agent_desk.services.errors import ServiceError
from agent_desk.services.lists.customers import customer_of
from agent_desk.services.lists.normalise import MAX_YEN
from agent_desk.services.ports import Clock
from agent_desk.services.rules import promise_ledger
from agent_desk.store import audit
from agent_desk.store.rules import payments, withdrawals
from agent_desk.store.unit_of_work import Database, Session

CAUSE = "paid"
LONGEST_ID = 64


@dataclass(frozen=True)
class Posted:
    """Money received, as whoever keeps the accounts tells it.

    `customer`: 顧客番号 or #id. `product` and `debt` (its id on the lists) may be "" when the
    person has one open debt. `source` and `payment_id` name the payment; together they are unique.
    """

    customer: str
    amount_yen: int
    paid_on: date
    source: str
    payment_id: str
    product: str = ""
    debt: str = ""


@dataclass(frozen=True)
class Entered:
    """What became of it. `left_yen` is what the debt still comes to; `again`: it was known."""

    debt_id: int
    left_yen: int
    closed: bool
    withdrawn: int = 0
    again: bool = False


class PaymentService:
    """Each of its ServiceErrors leaves everything as it was."""

    def __init__(self, *, database: Database, clock: Clock, calls: Withdrawals) -> None:
        self._database = database
        self._clock = clock
        self._calls = calls

    def post(self, posted: Posted, *, actor: Actor) -> Entered:
        """Enter a payment and withdraw what it settles.

        ServiceError: bad-payload, customer-unknown, debt-unknown (none, or several that fit),
        not-stored.
        """
        self._check(posted)
        now = self._clock.now()
        entered: list[Entered] = []
        product: list[tuple[int, int]] = []

        def rows(session: Session) -> None:
            known = payments.known(session, posted.source, posted.payment_id)
            if known is not None:
                entered.append(Entered(known, 0, closed=False, again=True))
                return
            debt = payments.add(
                session,
                debt_id,
                amount_yen=posted.amount_yen,
                paid_on=posted.paid_on,
                source=posted.source,
                external_id=posted.payment_id,
                at=now,
            )
            whose = (debt.customer_id, debt.product_id)
            settled = debt.closed_at is not None and not payments.owes(session, *whose)
            closed = 0
            if settled:
                closed = withdrawals.close_entries(session, *whose, reason=CAUSE, at=now)
                payments.keep_promises(session, *whose, at=now)
                product.append(whose)
            else:
                promise_ledger.match(session, *whose, at=now)
            entered.append(Entered(debt.id, debt.amount_yen, debt.closed_at is not None, closed))
            audit.append(
                session,
                at=now,
                actor=actor.username,
                action="payment.posted",
                subject=f"debt:{debt.id}",
                details={"customer": debt.customer_id, "settled": settled, "entries": closed},
            )

        with self._database.read() as session:
            again = payments.known(session, posted.source, posted.payment_id)
            debt_id = again or self._debt(session, posted)
        self._calls.write(rows)
        if product:
            self._calls.withdraw(
                lambda session: withdrawals.open_calls_on_lists(session, *product[-1]),
                reason=CAUSE,
                ringing=False,
            )
        return entered[-1]

    def _debt(self, session: Session, posted: Posted) -> int:
        customer_id = customer_of(session, posted.customer)
        found = payments.debts(
            session, customer_id, product=posted.product, external_id=posted.debt
        )
        still_open = [debt for debt in found if debt.closed_at is None]
        fits = still_open or found
        if len(fits) != 1:
            raise ServiceError("debt-unknown")
        return fits[0].id

    def _check(self, posted: Posted) -> None:
        if not 1 <= posted.amount_yen <= MAX_YEN:
            raise ServiceError("bad-payload", reason="amount")
        for name, text in (("source", posted.source), ("payment_id", posted.payment_id)):
            if not 1 <= len(text) <= LONGEST_ID:
                raise ServiceError("bad-payload", reason=name)
