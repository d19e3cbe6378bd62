"""Customers sent by other systems: matched and written as those of a file, and never guessed.

The same matching as of an import (`store/lists/matching.py`): by external id, else by number and
reading; what cannot be told is refused as uncertain, for a person to settle. What is different: a
customer may come without a list, comes again as often as the other system likes, and may have
several debts.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from agent_desk.models.customers import Debt
from agent_desk.models.lists import ListEntry
from agent_desk.store.campaigns import campaigns
from agent_desk.store.lists import lists, scope
from agent_desk.store.lists.customers import CustomerWriter, Known, Target
from agent_desk.store.lists.matching import Matcher, Refused
from agent_desk.store.lists.prepared import Person
from agent_desk.store.rules import withdrawals
from agent_desk.store.sealing import Sealer

NO_LIST = 0


@dataclass(frozen=True)
class DebtTold:
    """What somebody owes for a product; `external_id` "" where there is one of it."""

    product: str
    amount_yen: int
    due_on: date | None
    external_id: str


@dataclass(frozen=True)
class Sent:
    """One customer as another system knows it. `priority` is for a list: 0 first, 9 last."""

    person: Person
    debts: tuple[DebtTold, ...]
    priority: int


@dataclass(frozen=True)
class Taken:
    """What became of one: `added`, `updated` or `refused` with a reason.

    `entry_id` is there where a list was asked for; `new_entry`: it was made now.
    """

    state: str
    reason: str | None = None
    customer_id: int | None = None
    entry_id: int | None = None
    new_entry: bool = False
    settled: tuple[int, ...] = ()  # products for which nothing is owed any more


class Upserts:
    """Takes some customers in one transaction, for one list or (`NO_LIST`) for none.

    `teams` is whose customers may be changed; None: everybody's.
    """

    def __init__(
        self,
        session: Session,
        sealer: Sealer,
        target: Target,
        *,
        teams: Collection[int] | None,
    ) -> None:
        self._session = session
        self._target = target
        self._teams = teams
        self._matcher = _Matcher(session, target)
        self._writer = CustomerWriter(session, sealer, target)

    def take(self, sent: Sequence[Sent]) -> list[Taken]:
        """Write what each becomes, in their order."""
        self._matcher.load([each.person for each in sent])
        taken = []
        for each in sent:
            try:
                taken.append(self._upsert(each))
            except Refused as refused:
                taken.append(Taken("refused", refused.reason))
        return taken

    def _upsert(self, sent: Sent) -> Taken:
        person = sent.person
        known = self._matcher.decide(person)
        listed = self._target.list_id != NO_LIST
        if not listed and self._teams is not None and not self._is_theirs(known):
            raise Refused("not-in-scope")
        state = "added" if known is None else "updated"
        if known is None:
            [customer_id] = self._writer.add([person])
            keys = person.number_keys
            known = Known(customer_id, person.external_id, person.kana_key, person.name_key, keys)
            self._matcher.add(known, taken=False)
        else:
            self._writer.update(person, known)
            self._matcher.learn(known)
        products = {self._write_debt(known.id, debt) for debt in sent.debts}
        entry_id, new = self._enter(known.id, sent.priority) if listed else (None, False)
        return Taken(
            state,
            customer_id=known.id,
            entry_id=entry_id,
            new_entry=new,
            settled=self._settled(known.id, products),
        )

    def _settled(self, customer_id: int, products: Collection[int]) -> tuple[int, ...]:
        at = self._target.at
        return tuple(
            product_id
            for product_id in sorted(products)
            if withdrawals.follow_debts(self._session, [customer_id], product_id, at=at)
        )

    def _is_theirs(self, known: Known | None) -> bool:
        """Somebody new belongs to nobody's list, so only a list can bring them in for a team."""
        return known is not None and scope.is_theirs(self._session, known.id, self._teams or ())

    def _enter(self, customer_id: int, priority: int) -> tuple[int, bool]:
        own = (ListEntry.list_id == self._target.list_id, ListEntry.customer_id == customer_id)
        entry_id = self._session.scalar(select(ListEntry.id).where(*own))
        new = entry_id is None
        if entry_id is None:
            entry_id = lists.add_entry(
                self._session, self._target.list_id, customer_id, at=self._target.at
            )
        # An entry that a callback put first goes back to what is told here.
        first = ListEntry.own_priority.is_not(None)
        mine = update(ListEntry).where(ListEntry.id == entry_id)
        self._session.execute(mine.where(first).values(own_priority=priority))
        self._session.execute(mine.where(~first).values(priority=priority))
        return entry_id, new

    def _write_debt(self, customer_id: int, told: DebtTold) -> int:
        """The id of its product."""
        product_id = campaigns.add_product(self._session, told.product)
        key = {
            "customer_id": customer_id,
            "product_id": product_id,
            "external_id": told.external_id,
        }
        values = {
            "amount_yen": told.amount_yen,
            "due_on": told.due_on,
            "closed_at": None if told.amount_yen else self._target.at,
        }
        mine = [getattr(Debt, name) == value for name, value in key.items()]
        done = self._session.execute(update(Debt).where(*mine).values(**values))
        if done.rowcount == 0:  # type: ignore[attr-defined]
            self._session.execute(insert(Debt).values(**key, **values, created_at=self._target.at))
        return product_id


class _Matcher(Matcher):
    """As of a file, but whoever is on the list already is welcome again."""

    def decide(self, person: Person) -> Known | None:
        if self._target.list_id == NO_LIST:
            return self._match(person, person.number_keys)
        try:
            return super().decide(person)
        except Refused as refused:
            if refused.reason not in ("duplicate-in-list", "duplicate-in-file"):
                raise
            return self._match(person, person.number_keys)

    def learn(self, known: Known) -> None:
        """What was just told of somebody counts for the next."""
        if known.external_id is not None:
            self._by_external[known.external_id] = known
        for key in known.number_keys:
            if known not in self._by_number[key]:
                self._by_number[key].append(known)
