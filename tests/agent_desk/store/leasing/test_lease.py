"""The lease, on both databases."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from agent_desk.models.calls import Attempt, Call
from agent_desk.models.lists import ListEntry
from agent_desk.store.leasing.candidates import candidates
from agent_desk.store.leasing.facts import Candidate, Ledger
from agent_desk.store.leasing.lease import Judgement, Lease, Route, lease
from agent_desk.store.rules import do_not_call
from agent_desk.store.rules import settings as rule_settings
from agent_desk.store.unit_of_work import Database, Session
from tests.agent_desk.store.desk_rows import (
    Centre,
    add_customer,
    add_entries,
    add_entry,
    add_list,
    at,
    small_centre,
)

ids = (f"{number:032x}" for number in itertools.count(1))


def allow(candidate: Candidate, ledger: Ledger) -> Judgement:
    return Judgement(True, phone_id=candidate.phones[0].phone_id, not_after=at(30))


def take(session: Session, centre: Centre, count: int = 1, judge=allow) -> Lease:
    session.flush()
    settings = rule_settings.settings(session, centre.campaign_id, at())
    return lease(
        session,
        settings,
        count=count,
        now=at(),
        judge=judge,
        routes=[Route("trunk1", "gw1")] * count,
        new_call_id=lambda: next(ids),
        desk_epoch=1,
    )


def test_entries_come_by_priority_then_time_then_id(database: Database) -> None:
    with database.write() as session:
        centre = small_centre(session)
        late, soon, same = add_entries(session, centre.list_id, 3, next_s=-10)
        urgent = add_entry(
            session, centre.list_id, add_customer(session, "+819000000001"), priority=0
        )
        session.get(ListEntry, soon).next_at = at(-20)
        add_entry(session, centre.list_id, add_customer(session, "+819000000002"), next_s=1)
        session.flush()
        found = candidates(session, centre.campaign_id, at(), 10)
        first = candidates(session, centre.campaign_id, at(), 2)
    assert [row.list_entry_id for row in found] == [urgent, soon, late, same]
    assert [row.list_entry_id for row in first] == [urgent, soon]


def test_lists_of_one_campaign_are_merged_and_those_of_others_left_alone(
    database: Database,
) -> None:
    from agent_desk.store.campaigns import campaigns

    with database.write() as session:
        centre = small_centre(session)
        second = add_list(session, centre.product_id, "second")
        stranger = add_list(session, centre.product_id, "third")
        campaigns.add_list(session, centre.campaign_id, second)
        (b,) = add_entries(session, centre.list_id, 1, next_s=-10)
        (a,) = add_entries(session, second, 1, next_s=-20)
        add_entries(session, stranger, 1)
        found = candidates(session, centre.campaign_id, at(), 10)
    assert [row.list_entry_id for row in found] == [a, b]


@pytest.mark.parametrize("running", ["paused", "draining", "stopped"])
def test_a_campaign_that_does_not_run_has_no_candidates(database: Database, running: str) -> None:
    with database.write() as session:
        centre = small_centre(session, running=running)
        add_entries(session, centre.list_id, 1)
        assert candidates(session, centre.campaign_id, at(), 10) == []


def test_a_lease_writes_attempt_and_call_and_takes_the_entry(database: Database) -> None:
    with database.write() as session:
        centre = small_centre(session)
        first, second, third = add_entries(session, centre.list_id, 3)
        found = take(session, centre, 2)
    assert found.reason == "" and [row.list_entry_id for row in found.rows] == [first, second]
    assert [row.number_today for row in found.rows] == [1, 1]
    with database.read() as session:
        attempts = {row.id: row for row in session.scalars(select(Attempt))}
        calls = {row.id: row for row in session.scalars(select(Call))}
        states = {e.id: e.state for e in session.scalars(select(ListEntry))}
    assert set(attempts) == set(calls) == {row.call_id for row in found.rows}
    assert all(row.open and row.counts and row.leased_at == at() for row in attempts.values())
    assert all(call.live and call.state == "leased" for call in calls.values())
    assert states == {first: "leased", second: "leased", third: "ready"}


def test_what_the_judge_forbids_leaves_the_due_entries_until_its_time(
    database: Database,
) -> None:
    tomorrow = at() + timedelta(hours=21)
    with database.write() as session:
        centre = small_centre(session)
        blocked, free = add_entries(session, centre.list_id, 2)

        def judge(candidate: Candidate, ledger: Ledger) -> Judgement:
            if candidate.entry.list_entry_id == blocked:
                return Judgement(False, reason="outside-hours", next_allowed_at=tomorrow)
            return allow(candidate, ledger)

        found = take(session, centre, 2, judge)
    assert [row.list_entry_id for row in found.rows] == [free]
    assert (found.reason, found.next_allowed_at) == ("outside-hours", tomorrow)
    with database.write() as session:
        assert session.get(ListEntry, blocked).next_at == tomorrow
        again = take(session, centre)
    assert (again.rows, again.reason, again.next_allowed_at) == ((), "no-dialable", tomorrow)


def test_what_can_never_be_called_is_closed_with_the_reason(database: Database) -> None:
    with database.write() as session:
        centre = small_centre(session)
        (only,) = add_entries(session, centre.list_id, 1)
        take(session, centre, 1, lambda c, ledger: Judgement(False, reason="do-not-call"))
        empty = take(session, centre)
    with database.read() as session:
        entry = session.get(ListEntry, only)
        assert (entry.state, entry.closed_reason) == ("closed", "do-not-call")
    assert (empty.rows, empty.reason) == ((), "list-empty")


def test_behind_a_run_of_blocked_entries_the_free_one_is_found_in_one_lease(
    database: Database,
) -> None:
    with database.write() as session:
        centre = small_centre(session)
        *blocked, free = add_entries(session, centre.list_id, 60)

        def judge(candidate: Candidate, ledger: Ledger) -> Judgement:
            if candidate.entry.list_entry_id == free:
                return allow(candidate, ledger)
            return Judgement(False, reason="no-dialable", next_allowed_at=at(3600))

        found = take(session, centre, 1, judge)
    assert [row.list_entry_id for row in found.rows] == [free]


def test_the_judge_sees_blocks_of_number_and_person(database: Database) -> None:
    seen: dict[int, tuple[bool, bool]] = {}
    with database.write() as session:
        centre = small_centre(session)
        numbered, person, other = (add_customer(session, f"+81900000010{n}") for n in range(3))
        for customer_id in (numbered, person, other):
            add_entry(session, centre.list_id, customer_id)
        from tests.agent_desk.store.desk_rows import SEALER

        do_not_call.add(
            session,
            since=at(),
            reason="refused",
            source="call",
            number_key=SEALER.number_key("+819000000100"),
        )
        do_not_call.add(session, since=at(), reason="refused", source="call", customer_id=person)

        def judge(candidate: Candidate, ledger: Ledger) -> Judgement:
            blocked = candidate.blocked, candidate.phones[0].blocked
            seen[candidate.entry.customer_id] = blocked
            return Judgement(False, reason="do-not-call")

        take(session, centre, 3, judge)
    assert seen == {numbered: (False, True), person: (True, False), other: (False, False)}


def test_a_household_is_called_once_at_a_time(database: Database) -> None:
    with database.write() as session:
        centre = small_centre(session)
        for _ in range(2):
            add_entry(session, centre.list_id, add_customer(session, "+819000000200"))
        both = take(session, centre, 2)
        later = take(session, centre, 1)
    assert len(both.rows) == 1 and both.next_allowed_at == at(60)
    assert later.rows == ()


def test_one_person_on_two_lists_is_called_once_at_a_time(database: Database) -> None:
    from agent_desk.store.campaigns import campaigns

    with database.write() as session:
        centre = small_centre(session)
        second = add_list(session, centre.product_id, "second")
        campaigns.add_list(session, centre.campaign_id, second)
        customer_id = add_customer(session, "+819000000300", "+819000000301")
        add_entry(session, centre.list_id, customer_id)
        add_entry(session, second, customer_id)
        found = take(session, centre, 2)
    assert len(found.rows) == 1


def test_the_ledger_counts_what_counts_of_the_japanese_day(database: Database) -> None:
    numbers: list[int] = []
    with database.write() as session:
        centre = small_centre(session)
        (entry_id,) = add_entries(session, centre.list_id, 1)
        for _ in range(3):
            found = take(session, centre)
            numbers.append(found.rows[0].number_today)
            attempt = session.get(Attempt, found.rows[0].call_id)
            attempt.open = False
            session.get(ListEntry, entry_id).state = "ready"
            session.flush()
        # Released by its outcome, and one before midnight JST: neither counts today.
        attempt.counts = False
        session.flush()
        numbers.append(take(session, centre).rows[0].number_today)
    assert numbers == [1, 2, 3, 3]


def test_the_schema_refuses_a_second_open_attempt(database: Database) -> None:
    with database.write() as session:
        centre = small_centre(session)
        add_entries(session, centre.list_id, 1)
        row = take(session, centre).rows[0]
    copy = {
        "campaign_id": row.campaign_id,
        "list_entry_id": row.list_entry_id,
        "customer_id": row.customer_id,
        "phone_id": row.phone_id,
        "number_key": "other",
        "number_today": 1,
        "cap_today": 2,
        "trunk_id": "trunk1",
        "gateway_id": "gw1",
        "desk_epoch": 1,
        "leased_at": at(),
        "not_after": at(),
    }
    with pytest.raises(IntegrityError), database.write() as session:
        session.execute(insert(Attempt).values(id="f" * 32, **copy))
    with database.write() as session:
        session.execute(insert(Attempt).values(id="f" * 32, open=False, **copy))
