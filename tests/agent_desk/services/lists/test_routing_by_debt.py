"""A15: who is overdue by more than a month with much is routed to a list of their own."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from agent_desk.hub import ThreadHub
from agent_desk.models.customers import Debt
from agent_desk.models.lists import ListEntry
from agent_desk.services.actor import Actor
from agent_desk.services.lists.filters import FilterService
from agent_desk.services.lists.following import FollowingLists
from agent_desk.services.lists.import_direct import DirectDoor
from agent_desk.services.lists.steering import ListSteering
from agent_desk.services.running.campaign_facts import CampaignBook
from agent_desk.store.unit_of_work import Database
from tests.agent_desk.store.desk_rows import NOON, SEALER, add_customer, small_centre
from tests.fakes.clock import FakeClock

ADMIN = Actor("admin1", "admin")
TODAY = NOON.date()
# days overdue >= 31 and amount > 100,000: which of the fixture's customers are routed.
TRUTH = [
    (30, 100_000, False),
    (30, 100_001, False),
    (31, 100_000, False),
    (31, 100_001, True),
    (32, 250_000, True),
    (400, 99_999, False),
    (0, 500_000, False),
]
CONDITION: dict[str, Any] = {
    "all": [
        {"field": "overdue_days", "op": "at_least", "value": 31},
        {"field": "debt_yen", "op": "at_least", "value": 100_001},
    ]
}


@pytest.fixture
def database(database: Database) -> Database:
    with database.write() as session:
        centre = small_centre(session)
        for n, (days, yen, _) in enumerate(TRUTH):
            person = add_customer(session, f"+8190{20_000_000 + n}")
            session.execute(
                insert(Debt).values(
                    customer_id=person,
                    product_id=centre.product_id,
                    amount_yen=yen,
                    due_on=TODAY - timedelta(days=days),
                    created_at=NOON,
                )
            )
    return database


def test_a15_debts_are_routed_by_days_overdue_and_amount_as_in_the_truth_table(
    database: Database, clock: FakeClock
) -> None:
    book = CampaignBook(database, clock)
    book.reload()
    [campaign_id] = [int(each) for each in book.all()]
    stand: dict[str, Any] = {
        "database": database,
        "commits": DirectDoor(database),
        "clock": clock,
        "hub": ThreadHub(),
    }
    filters = FilterService(**stand, sealer=SEALER)
    steering = ListSteering(**stand, book=book, filters=filters)
    filter_id = filters.save("much, for long", CONDITION, actor=ADMIN)
    list_id = steering.follow(
        filter_id, name="much, for long", campaign_id=campaign_id, attach=False, actor=ADMIN
    )
    FollowingLists(**stand, sealer=SEALER).finish()
    with database.read() as session:
        debts = select(Debt.customer_id).order_by(Debt.id)
        people = list(session.scalars(debts))
        listed = set(
            session.scalars(select(ListEntry.customer_id).where(ListEntry.list_id == list_id))
        )
    assert [person in listed for person in people] == [routed for _, _, routed in TRUTH]
