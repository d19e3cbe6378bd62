"""申込 and クーリング・オフ (R39): orders taken on calls, and those that are taken back in time.

The days run from when the statutory documents were received, and not before. Whoever takes an
order back does not want to be solicited for the product either, so it is noted as a refusal (R38).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from agent_desk.dialer import cooling_off
from agent_desk.dialer.business_time import at, business_date
from agent_desk.dialer.cooling_off import KINDS, STANDINGS, Standing
from agent_desk.services.actor import Actor
from agent_desk.services.errors import ServiceError
from agent_desk.services.lists.customers import customer_of
from agent_desk.services.ports import Clock
from agent_desk.services.rules.refusals import RefusalService
from agent_desk.services.write_door import WriteDoor
from agent_desk.store import audit
from agent_desk.store.records import orders
from agent_desk.store.records.orders import OrderRow
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database, Session

PAGE = 50
MOST_EXPORTED = 5000
LONGEST_DOCUMENT_ID = 64
DAY_MINUTES = 24 * 60
EARLIEST = date(2000, 1, 1)  # before any talk; the ends of the calendar have no day around them
REASON = "cooling-off"


@dataclass(frozen=True)
class OrderLine:
    """One order with the person's name and how it stands today."""

    row: OrderRow
    name: str
    standing: Standing


@dataclass(frozen=True)
class OrderPage:
    """One page, newest first; `next_before` is None on the last."""

    lines: tuple[OrderLine, ...]
    next_before: int | None


@dataclass(frozen=True)
class WantedOrders:
    """What is looked for. `standing`: one of `STANDINGS`, "" for all."""

    standing: str = ""
    campaign_id: int | None = None


@dataclass(frozen=True)
class Taken:
    """An order as it is typed in. `customer`: 顧客番号 or #id; its call is of `ordered_on`."""

    customer: str
    campaign_id: int
    ordered_on: date


class Orders:
    """Within the teams of who asks; each look, export and change is audited."""

    def __init__(
        self,
        *,
        database: Database,
        sealer: Sealer,
        commits: WriteDoor,
        clock: Clock,
        refusals: RefusalService,
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._commits = commits
        self._clock = clock
        self._refusals = refusals

    def page(self, actor: Actor, wanted: WantedOrders, *, before: int | None) -> OrderPage:
        """Fifty orders. ServiceError: role-too-low, bad-payload (standing), not-stored."""
        rows = self._rows(actor, wanted, before, PAGE + 1)
        shown = rows[:PAGE]
        self._submit(actor, "orders.listed", "report:orders", count=len(shown))
        return OrderPage(tuple(map(self._line, shown)), shown[-1].id if len(rows) > PAGE else None)

    def export(self, actor: Actor, wanted: WantedOrders) -> list[OrderLine]:
        """The newest 5,000 of them, for a spreadsheet. ServiceErrors as `page`."""
        rows = self._rows(actor, wanted, None, MOST_EXPORTED)
        self._submit(actor, "orders.exported", "report:orders", count=len(rows))
        return [self._line(row) for row in rows]

    def enter(self, taken: Taken, *, actor: Actor) -> int:
        """Enter an order for the last talk with the person on that day; its id.

        ServiceError: role-too-low, customer-unknown, not-in-scope (the campaign), order-call (no
        talk on that day, or a campaign that takes no orders), order-exists, not-stored.
        """
        actor.needs("lead")
        if not EARLIEST <= taken.ordered_on <= business_date(self._clock.now()):
            raise ServiceError("order-call")
        day = at(taken.ordered_on, 0), at(taken.ordered_on, DAY_MINUTES)
        with self._database.read() as session:
            customer_id = customer_of(session, taken.customer, teams=actor.teams)
            found = orders.campaign_and_call(
                session, taken.campaign_id, customer_id, between=day, teams=actor.teams
            )
        if found is None:
            raise ServiceError("not-in-scope")
        if found.kind not in KINDS or found.call_id is None:
            raise ServiceError("order-call")
        if found.taken:
            raise ServiceError("order-exists")
        columns: dict[str, Any] = {
            "call_id": found.call_id,
            "customer_id": customer_id,
            "campaign_id": found.campaign_id,
            "product_id": found.product_id,
            "ordered_on": taken.ordered_on,
            "cooling_off_days": found.cooling_off_days,
            "by": actor.username,
            "at": self._clock.now(),
        }
        made: list[int] = []

        def rows(session: Session) -> bool:
            made.clear()
            if not orders.is_taken(session, columns["call_id"]):
                made.append(orders.add(session, **columns))
            return bool(made)

        self._submit(actor, "order.entered", f"call:{found.call_id}", rows, customer=customer_id)
        if not made:
            raise ServiceError("order-exists")
        return made[-1]

    def receive(self, order_id: int, *, on: date, document_id: str, actor: Actor) -> date:
        """The person has the statutory documents since `on`; the last day of cooling-off.

        Said again it corrects what was said; the trail keeps both. ServiceError: role-too-low,
        order-unknown, order-cancelled, order-date (before the order, or to come),
        order-document (no number, or too long a one), not-stored.
        """
        row = self._theirs(order_id, actor)
        self._check_day(on, row)
        document_id = document_id.strip()
        if not 1 <= len(document_id) <= LONGEST_DOCUMENT_ID:
            raise ServiceError("order-document", most=LONGEST_DOCUMENT_ID)
        last_day = cooling_off.until(on, days=row.cooling_off_days)

        def rows(session: Session) -> bool:
            return orders.receive(
                session, order_id, on=on, document_id=document_id, last_day=last_day
            )

        said = {
            "on": on.isoformat(),
            "until": last_day.isoformat(),
            "before": row.documents_on and row.documents_on.isoformat(),
        }
        self._submit(actor, "order.documents", f"order:{order_id}", rows, **said)
        return last_day

    def cancel(self, order_id: int, *, sent_on: date, actor: Actor) -> None:
        """Take the order back by a notice sent then, and note the refusal of its product.

        The refusal first: if it cannot be written, the order stands and the notice is entered
        again. ServiceError: role-too-low, order-unknown, order-cancelled, order-date,
        cooling-off-over (sent too late), not-stored.
        """
        row = self._theirs(order_id, actor)
        self._check_day(sent_on, row)
        if not cooling_off.in_time(row.cooling_off_until, sent_on=sent_on):
            raise ServiceError("cooling-off-over", until=str(row.cooling_off_until))
        # Whose order it is has been looked at; the person may have left the team's lists since.
        whole = Actor(actor.username, actor.role)
        self._refusals.refuse(
            f"#{row.customer_id}", product=row.product, reason=REASON, actor=whole
        )

        def rows(session: Session) -> bool:
            return orders.cancel(session, order_id, sent_on=sent_on)

        self._submit(
            actor, "order.cancelled", f"order:{order_id}", rows, sent_on=sent_on.isoformat()
        )

    def standing_of(self, customer_id: int) -> list[OrderLine]:
        """What the person may still take back, for whoever has the record open already."""
        today = business_date(self._clock.now())
        with self._database.read() as session:
            rows = orders.open_of_customer(session, customer_id, today=today)
        return [self._line(row) for row in rows]

    # --- inside ---------------------------------------------------------------------------------

    def _rows(
        self, actor: Actor, wanted: WantedOrders, before: int | None, limit: int
    ) -> list[OrderRow]:
        actor.needs("lead")
        standing = next((each for each in STANDINGS if each == wanted.standing), None)
        if wanted.standing and standing is None:
            raise ServiceError("bad-payload", reason="standing")
        with self._database.read() as session:
            return orders.page(
                session,
                standing,
                campaign_id=wanted.campaign_id,
                teams=actor.teams,
                today=business_date(self._clock.now()),
                before=before,
                limit=limit,
            )

    def _line(self, row: OrderRow) -> OrderLine:
        stands = cooling_off.standing(
            row.cooling_off_until,
            cancelled=row.cancelled_on is not None,
            today=business_date(self._clock.now()),
        )
        return OrderLine(row, self._sealer.open(row.name_sealed), stands)

    def _theirs(self, order_id: int, actor: Actor) -> OrderRow:
        actor.needs("lead")
        with self._database.read() as session:
            found = orders.one(session, order_id, teams=actor.teams)
        if found is None:
            raise ServiceError("order-unknown")
        if found.cancelled_on is not None:
            raise ServiceError("order-cancelled")
        return found

    def _check_day(self, day: date, row: OrderRow) -> None:
        if not row.ordered_on <= day <= business_date(self._clock.now()):
            raise ServiceError("order-date")

    def _submit(
        self,
        actor: Actor,
        action: str,
        subject: str,
        rows: Callable[[Session], bool] | None = None,
        **details: Any,
    ) -> None:
        """Write it with its audit row; `rows` says whether there was anything left to change."""
        now: datetime = self._clock.now()

        def write(session: Session) -> None:
            if rows is not None and not rows(session):
                return
            audit.append(
                session,
                at=now,
                actor=actor.username,
                action=action,
                subject=subject,
                details=details,
            )

        if not self._commits.submit(None, rows=write).ok:
            raise ServiceError("not-stored")
