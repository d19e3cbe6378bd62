"""Many rows at once: what they hold, which ids they have, and where their statements run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select

from agent_desk.models.customers import Customer, Debt, SearchKey
from agent_desk.models.lists import ListEntry
from agent_desk.store.bulk_rows import BulkRows
from agent_desk.store.unit_of_work import Database
from tests.agent_desk.store.desk_rows import add_entries, small_centre

CUSTOMERS: Any = Customer.__table__
DEBTS: Any = Debt.__table__
ENTRIES: Any = ListEntry.__table__
KEYS: Any = SearchKey.__table__
AT = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


def add(bulk: BulkRows, count: int) -> list[int]:
    ids = list(bulk.ids(CUSTOMERS, count))
    rows = [(key, f"C{key}", b"sealed", None) for key in ids]
    columns = ("id", "external_id", "name_sealed", "kana_sealed")
    bulk.write(CUSTOMERS, columns, rows, name_key="k", created_at=AT, updated_at=AT)
    return ids


def test_ids_are_nobodys_and_the_next_row_has_another(database: Database) -> None:
    with database.write() as session:
        add_entries(session, small_centre(session).list_id, 3)
        before = set(session.scalars(select(Customer.id)))
        ids = add(BulkRows(session), 4)
    with database.write() as session:
        later = Customer(name_sealed=b"", name_key="", created_at=AT, updated_at=AT)
        session.add(later)
        session.flush()
        assert ids == sorted(set(ids) - before)
        assert later.id not in before | set(ids)


def test_columns_nobody_names_hold_what_they_hold_by_default(database: Database) -> None:
    with database.write() as session:
        centre = small_centre(session)
        bulk = BulkRows(session)
        (customer_id,) = add(bulk, 1)
        bulk.write(
            ENTRIES,
            ("customer_id",),
            [(customer_id,)],
            list_id=centre.list_id,
            next_at=AT,
            created_at=AT,
            priority=3,
        )
        debt = (customer_id, centre.product_id, 100, date(2026, 10, 31))
        columns = ("customer_id", "product_id", "amount_yen", "due_on")
        bulk.write(DEBTS, columns, [debt], created_at=AT)
    with database.read() as session:
        customer = session.get_one(Customer, customer_id)
        assert (customer.source, customer.external_id) == ("import", f"C{customer_id}")
        assert (customer.name_sealed, customer.kana_sealed, customer.vip) == (
            b"sealed",
            None,
            False,
        )
        entry = session.scalars(select(ListEntry)).one()
        assert (entry.state, entry.priority, entry.tries, entry.next_at) == ("ready", 3, 0, AT)
        owed = session.scalars(select(Debt)).one()
        assert (owed.due_on, owed.external_id, owed.closed_at) == (date(2026, 10, 31), "", None)


def test_more_rows_than_one_statement_has_places_for_all_arrive(database: Database) -> None:
    with database.write() as session:
        bulk = BulkRows(session)
        (customer_id,) = add(bulk, 1)
        bulk.write(KEYS, ("key", "customer_id"), [(f"{n:032}", customer_id) for n in range(1234)])
        bulk.write(KEYS, ("key", "customer_id"), [])
    with database.read() as session:
        keys = session.scalars(select(SearchKey.key).order_by(SearchKey.key)).all()
        assert keys == [f"{n:032}" for n in range(1234)]


def test_where_statements_may_run_aside_they_run_in_one_go(database: Database) -> None:
    goes: list[Callable[..., object]] = []

    def aside(work: Callable[..., object], *arguments: object) -> object:
        goes.append(work)
        return work(*arguments)

    with database.write() as session:
        bulk = BulkRows(session, aside)
        ids = add(bulk, 2)
        bulk.write(KEYS, ("key", "customer_id"), [("k", key) for key in ids])
        assert not goes
        bulk.flush()
        bulk.flush()
        assert len(goes) == (database.dialect == "sqlite")
        assert set(session.scalars(select(SearchKey.customer_id))) == set(ids)
