"""Payments as they are posted: the debt shrinks, and who owes nothing any more is not called (R54).

A call that was placed already is let finish; what was only queued, every entry of the product's
lists and every callback owed there goes at once. The same payment posted twice counts once.

A payment that is taken back never was: what it settled is owed again, the entries it closed are
called again, and promises are judged without it. Callbacks it cancelled stay cancelled: their time
was the customer's wish of another day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from agent_desk.services.actor import Actor
from agent_desk.services.dialing.withdrawals import Withdrawals
from agent_desk.services.errors import ServiceError
from agent_desk.services.lists.customers import customer_of
from agent_desk.services.lists.normalise import MAX_YEN
from agent_desk.services.ports import Clock
from agent_desk.services.rules import promise_ledger
from agent_desk.store import audit
from agent_desk.store.lists import scope
from agent_desk.store.rules import payments, promises, withdrawals
from agent_desk.store.unit_of_work import Database, Session

CAUSE = withdrawals.PAID
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
        payment-differs (the id is known, with another amount, day or person), payment-reversed,
        not-stored.
        """
        self._check(posted)
        entered: list[Entered] = []
        product: list[tuple[int, int]] = []
        with self._database.read() as session:
            customer_id = customer_of(session, posted.customer, teams=actor.teams)
            known = payments.known(session, posted.source, posted.payment_id)
            debt_id = known.debt_id if known else self._debt(session, customer_id, posted)

        def rows(session: Session) -> None:
            entered.clear()
            product.clear()
            known = payments.known(session, posted.source, posted.payment_id)
            if known is None:
                done, whose = self._enter(session, debt_id, posted, actor)
                entered.append(done)
                product.extend(whose)
            elif self._same(known, posted, customer_id):
                entered.append(_as_before(known))

        self._calls.write(rows)
        if not entered:
            gone = known is not None and known.reversed_at is not None
            raise ServiceError("payment-reversed" if gone else "payment-differs")
        if product:
            self._calls.withdraw(
                lambda session: withdrawals.open_calls_on_lists(session, *product[-1]),
                reason=CAUSE,
                ringing=False,
            )
        return entered[-1]

    def reverse(self, source: str, payment_id: str, *, actor: Actor) -> Entered:
        """Take a payment back. A second time changes nothing.

        ServiceError: payment-unknown (also of people who are out of scope), not-stored.
        """
        with self._database.read() as session:
            known = payments.known(session, source, payment_id)
            theirs = known is not None and (
                actor.teams is None or scope.is_theirs(session, known.customer_id, actor.teams)
            )
        if known is None or not theirs:
            raise ServiceError("payment-unknown")
        entered: list[Entered] = []

        def rows(session: Session) -> None:
            found = payments.known(session, source, payment_id)
            if found is not None and found.reversed_at is None:
                entered[:] = [self._take_back(session, found, actor)]
            else:
                entered[:] = [_as_before(found or known)]

        self._calls.write(rows)
        return entered[-1]

    # --- inside ---------------------------------------------------------------------------------

    def _enter(
        self, session: Session, debt_id: int, posted: Posted, actor: Actor
    ) -> tuple[Entered, list[tuple[int, int]]]:
        """What became of a payment that is new, and whose calls for which product end with it."""
        now = self._clock.now()
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
            closed = withdrawals.close_entries(
                session, [debt.customer_id], debt.product_id, reason=CAUSE, at=now
            )
            payments.keep_promises(session, *whose, at=now)
        else:
            promise_ledger.match(session, *whose, at=now)
        details = {"customer": debt.customer_id, "settled": settled, "entries": closed}
        self._note(session, "payment.posted", debt.id, details, actor)
        done = Entered(debt.id, debt.amount_yen, debt.closed_at is not None, closed)
        return done, [whose] if settled else []

    def _take_back(self, session: Session, payment: payments.PaymentRow, actor: Actor) -> Entered:
        now = self._clock.now()
        debt = payments.take_back(session, payment.id, at=now)
        whose = (debt.customer_id, debt.product_id)
        opened = 0
        if debt.closed_at is None:
            opened = withdrawals.reopen_entries(
                session, [debt.customer_id], debt.product_id, reason=CAUSE, at=now
            )
        promises.reopen(session, *whose, since=payment.created_at)
        promise_ledger.match(session, *whose, at=now)
        details = {"customer": debt.customer_id, "payment": payment.id, "entries": opened}
        self._note(session, "payment.reversed", debt.id, details, actor)
        return Entered(debt.id, debt.amount_yen, debt.closed_at is not None)

    def _note(
        self, session: Session, action: str, debt_id: int, details: dict[str, Any], actor: Actor
    ) -> None:
        audit.append(
            session,
            at=self._clock.now(),
            actor=actor.username,
            action=action,
            subject=f"debt:{debt_id}",
            details=details,
        )

    @staticmethod
    def _same(known: payments.PaymentRow, posted: Posted, customer_id: int) -> bool:
        """Whether it is the payment that was entered before, and still counts."""
        told = (posted.amount_yen, posted.paid_on, customer_id)
        return known.reversed_at is None and told == (
            known.amount_yen,
            known.paid_on,
            known.customer_id,
        )

    def _debt(self, session: Session, customer_id: int, posted: Posted) -> int:
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


def _as_before(known: payments.PaymentRow) -> Entered:
    """Nothing was changed: how the debt stands now."""
    return Entered(known.debt_id, 0, closed=known.debt_closed_at is not None, again=True)
