"""Who a row of a file means, and whether it may go on the list: decided by keys, never guessed.

Who is meant is decided in this order:

1. the external id, where row and customer have one from the same source;
2. else number and reading: a customer with one of the row's numbers whose kana is the same
   (or, where one side has no kana, whose name is the same);
3. a known number with another person's kana is a household: a new customer who shares it;
4. anything between (same number, no kana to compare, another name; two customers that fit; one
   person under two external ids) is *uncertain*: refused with that reason, for a person to settle.

The check before an import and the import itself ask the same `Matcher`, so they agree.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import and_, bindparam, or_, select
from sqlalchemy.orm import Session

from agent_desk.models.campaigns import Campaign, CampaignList
from agent_desk.models.customers import Customer, Phone
from agent_desk.models.imports import ImportRow
from agent_desk.models.lists import CustomerList, ListEntry
from agent_desk.store.lists.customers import Known, Target
from agent_desk.store.lists.prepared import Person
from agent_desk.store.rules import do_not_call

# Built once: each delivery asks.
_SHARING = select(Phone.customer_id).where(Phone.number_key.in_(bindparam("keys", expanding=True)))
_NAMED = select(Customer.id).where(
    Customer.source == bindparam("source"),
    Customer.external_id.in_(bindparam("externals", expanding=True)),
)
_CALLING = select(CampaignList.campaign_id).where(
    CampaignList.list_id == bindparam("list_id"), CampaignList.enabled
)
_KINDS = select(Campaign.kind).where(Campaign.id.in_(bindparam("ids", expanding=True)))

SCOPES = ("list", "product", "system")


class Refused(Exception):
    """The row is not taken; `state` is `error` or `duplicate`."""

    def __init__(self, reason: str, state: str = "error") -> None:
        super().__init__(reason)
        self.reason = reason
        self.state = state


class Matcher:
    """Decides the rows of one delivery; who was taken meanwhile is known to the next row.

    `campaign_id` is the campaign whose list it will be, where the list is not there yet.
    """

    def __init__(self, session: Session, target: Target, *, campaign_id: int | None = None) -> None:
        self._session = session
        self._target = target
        self._people: dict[int, Known] = {}
        self._by_external: dict[str, Known] = {}
        self._by_number: dict[str, list[Known]] = defaultdict(list)
        self._bars = do_not_call.Bars(frozenset(), frozenset(), frozenset(), frozenset())
        self._on_list: set[int] = set()
        self._from_this_batch: set[int] = set()
        self._elsewhere: dict[int, str] = {}
        self._campaigns = self._calling(campaign_id)
        kinds = session.connection().execute(_KINDS, {"ids": self._campaigns}).scalars()
        self._solicits = "collections" not in set(kinds)

    def load(self, people: Sequence[Person]) -> None:
        """Everybody the rows may mean, and what bars them, by a handful of queries."""
        keys = {key for person in people for key in person.number_keys}
        externals = {person.external_id for person in people if person.external_id}
        read = self._session.connection()
        ids = set(read.execute(_SHARING, {"keys": list(keys)}).scalars())
        named = {"source": self._target.source, "externals": list(externals)}
        ids |= set(read.execute(_NAMED, named).scalars())
        self._bars = do_not_call.bars(self._session, ids, keys, self._target.product_id)
        if ids:
            self._load_people(ids)
            self._load_entries(ids)

    @property
    def ids(self) -> list[int]:
        """Everybody who was loaded."""
        return list(self._people)

    def known(self, customer_id: int) -> Known:
        """One of them."""
        return self._people[customer_id]

    def add(self, known: Known, *, taken: bool) -> None:
        """Somebody to reckon with; `taken`: by a row of this file."""
        if known.external_id is not None:
            self._by_external[known.external_id] = known
        for key in known.number_keys:
            self._by_number[key].append(known)
        if taken:
            self.take(known)

    def take(self, known: Known) -> None:
        """Somebody was put on the list by a row of this file."""
        self._on_list.add(known.id)
        self._from_this_batch.add(known.id)

    def decide(self, person: Person) -> Known | None:
        """Whom the row means, None for somebody new; raises `Refused`."""
        keys = person.number_keys
        self._refuse_barred(None, keys)
        known = self._match(person, keys)
        if known is None:
            return None
        self._refuse_barred(known, keys)
        if known.id in self._on_list:
            twice = known.id in self._from_this_batch
            raise Refused("duplicate-in-file" if twice else "duplicate-in-list", "duplicate")
        elsewhere = self._elsewhere.get(known.id, "list")
        if SCOPES.index(elsewhere) and SCOPES.index(elsewhere) <= SCOPES.index(self._target.scope):
            reason = "duplicate-in-product" if elsewhere == "product" else "duplicate-in-system"
            raise Refused(reason, "duplicate")
        return known

    def _refuse_barred(self, known: Known | None, keys: set[str]) -> None:
        """Nobody who is not to be called, or refused this product before, comes back on a list."""
        who = set() if known is None else {known.id}
        if keys <= self._bars.numbers:
            raise Refused("do-not-call")
        if who & self._bars.customers:
            raise Refused("do-not-call-person")
        numbers = self._bars.numbers | self._bars.refused_numbers
        if self._solicits and (keys <= numbers or who & self._bars.refused_customers):
            raise Refused("refused-before")

    # --- who is meant --------------------------------------------------------------------------

    def _match(self, person: Person, keys: set[str]) -> Known | None:
        if person.external_id is not None and person.external_id in self._by_external:
            return self._by_external[person.external_id]
        sharing = {id(k): k for key in keys for k in self._by_number.get(key, ())}
        same, unclear = [], []
        for known in sharing.values():
            verdict = _same_person(person, known)
            if verdict is None:
                unclear.append(known)
            elif verdict:
                same.append(known)
        if len(same) == 1 and not unclear:
            if person.external_id and same[0].external_id:
                raise Refused("customer-uncertain")
            return same[0]
        if same or unclear:
            raise Refused("customer-uncertain")
        return None

    # --- loading -------------------------------------------------------------------------------

    def _calling(self, campaign_id: int | None) -> list[int]:
        """The campaigns that call the list."""
        found = self._session.connection().execute(_CALLING, {"list_id": self._target.list_id})
        return list(found.scalars()) or ([] if campaign_id is None else [campaign_id])

    def _load_people(self, ids: set[int]) -> None:
        people: dict[int, Known] = {}
        query = select(
            Customer.id,
            Customer.source,
            Customer.external_id,
            Customer.kana_key,
            Customer.name_key,
        ).where(Customer.id.in_(ids), Customer.erased_at.is_(None))
        for customer_id, source, external_id, kana_key, name_key in self._session.execute(query):
            own = external_id if source == self._target.source else None
            people[customer_id] = Known(customer_id, own, kana_key, name_key)
        phones = select(Phone.customer_id, Phone.number_key).where(Phone.customer_id.in_(people))
        for customer_id, key in self._session.execute(phones):
            people[customer_id].number_keys.add(key)
        self._people = people
        for known in people.values():
            self.add(known, taken=False)

    def _load_entries(self, ids: Iterable[int]) -> None:
        target = self._target
        on_list = (
            select(ListEntry.customer_id, ImportRow.batch_id)
            .outerjoin(
                ImportRow,
                and_(
                    ImportRow.list_entry_id == ListEntry.id, ImportRow.batch_id == target.batch_id
                ),
            )
            .where(ListEntry.list_id == target.list_id, ListEntry.customer_id.in_(ids))
        )
        for customer_id, batch_id in self._session.execute(on_list):
            self._on_list.add(customer_id)
            if batch_id is not None:
                self._from_this_batch.add(customer_id)
        sisters = select(CampaignList.list_id).where(
            CampaignList.campaign_id.in_(self._campaigns), CampaignList.enabled
        )
        near = or_(CustomerList.product_id == target.product_id, ListEntry.list_id.in_(sisters))
        elsewhere = (
            select(ListEntry.customer_id, near)
            .join(CustomerList, CustomerList.id == ListEntry.list_id)
            .where(
                ListEntry.customer_id.in_(ids),
                ListEntry.list_id != target.list_id,
                ListEntry.state != "closed",
            )
        )
        for customer_id, is_near in self._session.execute(elsewhere):
            if is_near or customer_id not in self._elsewhere:
                self._elsewhere[customer_id] = "product" if is_near else "system"


def _same_person(person: Person, known: Known) -> bool | None:
    """None: cannot be told."""
    if person.kana_key and known.kana_key:
        return person.kana_key == known.kana_key
    if person.name_key == known.name_key:
        return True
    return None
