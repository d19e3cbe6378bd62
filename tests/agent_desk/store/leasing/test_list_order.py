"""Which list is called next: ranks first, then shares, then whoever is due longest."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import update

from agent_desk.models.lists import CustomerList
from agent_desk.store.campaigns import campaigns
from agent_desk.store.leasing.candidates import EntryRow, candidates, next_due
from agent_desk.store.leasing.list_order import Level, shared
from agent_desk.store.unit_of_work import Database, Session
from tests.agent_desk.store.desk_rows import (
    NOON,
    Centre,
    add_customer,
    add_entries,
    add_entry,
    add_list,
    small_centre,
)

MICROSECOND = timedelta(microseconds=1)


def entries(list_id: int, count: int) -> list[EntryRow]:
    return [EntryRow(list_id * 1000 + n, list_id, n, 5, NOON, 0) for n in range(count)]


def test_shares_are_kept_over_many_leases_of_one() -> None:
    lists = [(Level(5, 1, 5, 70), entries(1, 1)), (Level(5, 2, 5, 30), entries(2, 1))]
    taken = Counter(
        shared(lists, 1, now=NOON + 977 * n * MICROSECOND)[0].list_id for n in range(2000)
    )
    assert 0.66 < taken[1] / 2000 < 0.74


def test_a_list_that_is_used_up_leaves_its_share_to_the_others() -> None:
    lists = [(Level(5, 1, 5, 99), entries(1, 2)), (Level(5, 2, 5, None), entries(2, 9))]
    found = shared(lists, 8, now=NOON)
    assert Counter(entry.list_id for entry in found) == {1: 2, 2: 6}
    for list_id in (1, 2):
        own = [entry.list_entry_id for entry in found if entry.list_id == list_id]
        assert own == sorted(own)


def test_nothing_due_is_nothing_found() -> None:
    assert shared([(Level(5, 1, 5, 50), []), (Level(5, 2, 5, 50), [])], 5, now=NOON) == []


def three_lists(session: Session) -> tuple[Centre, list[int]]:
    """Lists of one campaign with four customers each."""
    centre = small_centre(session)
    lists = [centre.list_id]
    for name in ("b", "c"):
        list_id = add_list(session, centre.product_id, name)
        campaigns.add_list(session, centre.campaign_id, list_id)
        lists.append(list_id)
    for list_id in lists:
        add_entries(session, list_id, 4)
    return centre, lists


def set_list(session: Session, list_id: int, **values: object) -> None:
    session.execute(update(CustomerList).where(CustomerList.id == list_id).values(**values))


def called(session: Session, centre: Centre, count: int) -> list[int]:
    return [entry.list_id for entry in candidates(session, centre.campaign_id, NOON, count)]


def test_ranks_come_before_the_entries_own_priorities_but_not_before_callbacks(
    database: Database,
) -> None:
    with database.write() as session:
        centre, (a, b, c) = three_lists(session)
        set_list(session, b, priority=1)
        set_list(session, a, priority=9)
        assert called(session, centre, 12) == [b] * 4 + [c] * 4 + [a] * 4
        add_entry(session, a, add_customer(session, "+819011112222"), priority=0)
        add_entry(session, a, add_customer(session, "+819011113333"), priority=1)
        assert called(session, centre, 14) == [a] + [b] * 4 + [c] * 4 + [a] * 5


def test_a_paused_list_is_passed_over_and_due_for_nobody(database: Database) -> None:
    with database.write() as session:
        centre, (a, b, c) = three_lists(session)
        set_list(session, a, paused=True)
        assert set(called(session, centre, 12)) == {b, c}
        for list_id in (b, c):
            set_list(session, list_id, paused=True)
        assert called(session, centre, 12) == []
        assert next_due(session, centre.campaign_id) is None
        set_list(session, a, paused=False)
        assert called(session, centre, 12) == [a] * 4


@pytest.mark.parametrize("wanted", [1, 5, 12])
def test_shares_never_leave_a_lease_short(database: Database, wanted: int) -> None:
    with database.write() as session:
        centre, (a, b, _) = three_lists(session)
        set_list(session, a, mix=100)
        set_list(session, b, mix=1)
        assert len(called(session, centre, wanted)) == wanted
