"""Rows of a file become customers and list entries, matched with what is known.

Who a row means is decided in this order, and never by guessing:

1. the external id, where row and customer have one from the same source;
2. else number and reading: a customer with one of the row's numbers whose kana is the same
   (or, where one side has no kana, whose name is the same);
3. a known number with another person's kana is a household: a new customer who shares it;
4. anything between (same number, no kana to compare, another name; two customers that fit; one
   person under two external ids) is *uncertain*: refused with that reason, for a person to settle.

A row's outcome is written with it, so the same batch may be sent twice and is taken once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from agent_desk.models.campaigns import Campaign, CampaignList
from agent_desk.models.customers import Customer, Phone
from agent_desk.models.imports import ImportRow
from agent_desk.models.lists import ListEntry
from agent_desk.store.lists import lists
from agent_desk.store.lists.batches import seal_cells
from agent_desk.store.lists.customers import CustomerWriter, Known, Target
from agent_desk.store.lists.import_rows import Record, Row
from agent_desk.store.rules import do_not_call
from agent_desk.store.sealing import Sealer


class Refused(Exception):
    """The row is not taken; `state` is `error` or `duplicate`."""

    def __init__(self, reason: str, state: str = "error") -> None:
        super().__init__(reason)
        self.reason = reason
        self.state = state


class RowTaker:
    """Takes the rows of one delivery (200 at most) in one transaction.

    `name_form` is the normal form names are compared in (`services/lists/normalise.py`).
    """

    def __init__(
        self, session: Session, sealer: Sealer, target: Target, name_form: Callable[[str], str]
    ) -> None:
        self._session = session
        self._sealer = sealer
        self._target = target
        self._name_form = name_form
        self._writer = CustomerWriter(session, sealer, target)
        self._known: dict[int, Known] = {}
        self._bars = do_not_call.Bars(frozenset(), frozenset(), frozenset(), frozenset())
        self._solicits = True
        self._on_list: set[int] = set()
        self._from_this_batch: set[int] = set()
        self._on_sister_lists: set[int] = set()

    def take(self, rows: Sequence[Row]) -> None:
        """Write what each row becomes; rows taken before are passed over."""
        done = set(
            self._session.scalars(
                select(ImportRow.row_no).where(
                    ImportRow.batch_id == self._target.batch_id,
                    ImportRow.row_no.in_([row.row_no for row in rows]),
                )
            )
        )
        fresh = [row for row in rows if row.row_no not in done]
        self._load([row.record for row in fresh if row.record is not None])
        for row in fresh:
            try:
                if row.record is None:
                    raise Refused(row.reason or "row-unusable")
                state, entry_id = self._take_one(row.record)
            except Refused as refused:
                self._note(row, refused.state, refused.reason, None)
            else:
                self._note(row, state, None, entry_id)

    def _take_one(self, record: Record) -> tuple[str, int]:
        keys = {self._sealer.number_key(e164): (e164, kind) for e164, kind in record.numbers}
        self._refuse_barred(None, set(keys))
        known = self._match(record, set(keys))
        self._refuse_barred(known, set(keys))
        if known is not None and known.id in self._on_list:
            twice = known.id in self._from_this_batch
            raise Refused("duplicate-in-file" if twice else "duplicate-in-list", "duplicate")
        if known is not None and known.id in self._on_sister_lists:
            raise Refused("duplicate-in-campaign", "duplicate")
        state = "added" if known is None else "updated"
        known = self._writer.write(record, self._name_form(record.name), known, keys)
        self._known[known.id] = known
        entry_id = lists.add_entry(
            self._session, self._target.list_id, known.id, at=self._target.at
        )
        self._on_list.add(known.id)
        self._from_this_batch.add(known.id)
        return state, entry_id

    def _refuse_barred(self, known: Known | None, keys: set[str]) -> None:
        """Nobody who is not to be called, or refused this product before, comes back on a list."""
        who = set() if known is None else {known.id}
        if keys <= self._bars.numbers or who & self._bars.customers:
            raise Refused("do-not-call")
        numbers = self._bars.numbers | self._bars.refused_numbers
        if self._solicits and (keys <= numbers or who & self._bars.refused_customers):
            raise Refused("refused-before")

    # --- who is meant --------------------------------------------------------------------------

    def _match(self, record: Record, keys: set[str]) -> Known | None:
        if record.external_id is not None:
            for known in self._known.values():
                if known.external_id == record.external_id:
                    return known
        sharing = [known for known in self._known.values() if known.number_keys & keys]
        same, unclear = [], []
        for known in sharing:
            verdict = self._same_person(record, known)
            if verdict is None:
                unclear.append(known)
            elif verdict:
                same.append(known)
        if len(same) == 1 and not unclear:
            if record.external_id and same[0].external_id:
                raise Refused("customer-uncertain")
            return same[0]
        if same or unclear:
            raise Refused("customer-uncertain")
        return None

    def _same_person(self, record: Record, known: Known) -> bool | None:
        """None: cannot be told."""
        if record.kana and known.kana_key:
            return self._sealer.kana_key(record.kana) == known.kana_key
        if self._sealer.name_key(self._name_form(record.name)) == known.name_key:
            return True
        return None

    # --- loading -------------------------------------------------------------------------------

    def _load(self, records: Sequence[Record]) -> None:
        """Everybody the rows may mean, and what bars them, by a handful of queries."""
        keys = {self._sealer.number_key(e164) for r in records for e164, _ in r.numbers}
        externals = {r.external_id for r in records if r.external_id}
        sharing = select(Phone.customer_id).where(Phone.number_key.in_(keys))
        by_id = select(Customer.id).where(
            Customer.source == self._target.source, Customer.external_id.in_(externals)
        )
        ids = set(self._session.scalars(sharing)) | set(self._session.scalars(by_id))
        query = select(
            Customer.id,
            Customer.source,
            Customer.external_id,
            Customer.kana_key,
            Customer.name_key,
        ).where(Customer.id.in_(ids))
        for customer_id, source, external_id, kana_key, name_key in self._session.execute(query):
            own = external_id if source == self._target.source else None
            self._known[customer_id] = Known(customer_id, own, kana_key, name_key)
        phones = select(Phone.customer_id, Phone.number_key).where(Phone.customer_id.in_(ids))
        for customer_id, key in self._session.execute(phones):
            self._known[customer_id].number_keys.add(key)
        self._load_bars(ids, keys)

    def _load_bars(self, ids: set[int], keys: set[str]) -> None:
        target = self._target
        self._bars = do_not_call.bars(self._session, ids, keys, target.product_id)
        on_list = select(ListEntry.customer_id, ImportRow.batch_id).outerjoin(
            ImportRow, ImportRow.list_entry_id == ListEntry.id
        )
        for customer_id, batch_id in self._session.execute(
            on_list.where(ListEntry.list_id == target.list_id, ListEntry.customer_id.in_(ids))
        ):
            self._on_list.add(customer_id)
            if batch_id == target.batch_id:
                self._from_this_batch.add(customer_id)
        campaign = select(CampaignList.campaign_id).where(
            CampaignList.list_id == target.list_id, CampaignList.enabled
        )
        kinds = select(Campaign.kind).where(Campaign.id.in_(campaign))
        self._solicits = "collections" not in set(self._session.scalars(kinds))
        sisters = select(CampaignList.list_id).where(
            CampaignList.campaign_id.in_(campaign),
            CampaignList.list_id != target.list_id,
            CampaignList.enabled,
        )
        elsewhere = select(ListEntry.customer_id).where(
            ListEntry.customer_id.in_(ids),
            ListEntry.list_id.in_(sisters),
            ListEntry.state != "closed",
        )
        self._on_sister_lists = set(self._session.scalars(elsewhere))

    def _note(self, row: Row, state: str, reason: str | None, entry_id: int | None) -> None:
        self._session.execute(
            insert(ImportRow).values(
                batch_id=self._target.batch_id,
                row_no=row.row_no,
                state=state,
                reason=reason,
                cells_sealed=None if reason is None else seal_cells(self._sealer, row.cells),
                list_entry_id=entry_id,
            )
        )
