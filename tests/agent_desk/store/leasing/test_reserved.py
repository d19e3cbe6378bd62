"""Who may take which entry: VIPs, own callbacks, and the share left to the AI."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from agent_desk.dialer.strategy import BUILT_IN, ClassRow, Strategy
from agent_desk.models.customers import Customer
from agent_desk.models.lists import ListEntry
from agent_desk.models.strategy import ReservedEntry
from agent_desk.store.leasing import reserved
from agent_desk.store.leasing.facts import Candidate
from agent_desk.store.leasing.lease import Judgement, Lease, Route, lease
from agent_desk.store.rules import settings as rule_settings
from agent_desk.store.strategy import calling_plans
from agent_desk.store.strategy import table as strategy_rows
from agent_desk.store.unit_of_work import Database, Session
from tests.agent_desk.store.desk_rows import Centre, add_entries, at, small_centre

ids = (f"{number:032x}" for number in itertools.count(10**6))
MIDNIGHT = at(12 * 3600)  # of the Japanese day


def take(
    session: Session,
    centre: Centre,
    count: int = 1,
    *,
    seat_id: str | None = None,
    now: datetime | None = None,
    until: datetime | None = None,
) -> Lease:
    """A lease whose judge allows all, or puts all off `until` then."""

    def judge(candidate: Candidate, ledger: object) -> Judgement:
        if until is not None:
            return Judgement(False, reason="no-dialable", next_allowed_at=until)
        return Judgement(True, phone_id=candidate.phones[0].phone_id, not_after=at(30))

    session.flush()
    settings = rule_settings.settings(session, centre.campaign_id, now or at())
    return lease(
        session,
        settings,
        count=count,
        now=now or at(),
        judge=judge,
        routes=[Route("trunk1", "gw1")] * count,
        new_call_id=lambda: next(ids),
        desk_epoch=1,
        seat_id=seat_id,
    )


def centre_with_vip(session: Session) -> tuple[Centre, int, int]:
    """Two entries, the first of a VIP; operator1 is named for VIPs."""
    centre = small_centre(session, mode="preview")
    vip, other = add_entries(session, centre.list_id, 2)
    customer_id = session.get_one(ListEntry, vip).customer_id
    session.execute(update(Customer).where(Customer.id == customer_id).values(vip=True))
    calling_plans.name_vip_operators(session, centre.campaign_id, [centre.users["operator1"]])
    return centre, vip, other


def taken(found: Lease) -> list[int]:
    return [row.list_entry_id for row in found.rows]


@pytest.mark.parametrize("seat_id", [None, "operator2", "nobody"])
def test_a33_a_vip_is_kept_from_dialing_ahead_and_from_others(
    database: Database, seat_id: str | None
) -> None:
    with database.write() as session:
        centre, vip, other = centre_with_vip(session)
        assert taken(take(session, centre, 1, seat_id=seat_id)) == [other]
        entry = session.get_one(ListEntry, vip, populate_existing=True)
        assert (entry.state, entry.next_at) == ("ready", MIDNIGHT)


def test_a33_an_operator_named_for_vips_is_shown_them_first(database: Database) -> None:
    with database.write() as session:
        centre, vip, _ = centre_with_vip(session)
        take(session, centre)  # dialing has passed it over
        assert taken(take(session, centre, seat_id="operator1")) == [vip]
        assert session.scalar(select(ReservedEntry)) is None


def test_a_vip_not_met_yet_comes_in_the_ordinary_order(database: Database) -> None:
    with database.write() as session:
        centre, vip, _ = centre_with_vip(session)
        assert taken(take(session, centre, seat_id="operator1")) == [vip]


def test_the_rules_put_off_a_vip_for_the_named_as_well(database: Database) -> None:
    with database.write() as session:
        centre, vip, other = centre_with_vip(session)
        take(session, centre)
        take(session, centre, seat_id="operator1", until=at(600))
        assert taken(take(session, centre, seat_id="operator1")) == []
        assert taken(take(session, centre, seat_id="operator1", now=at(601))) == [vip]


def test_nothing_is_lost_when_nobody_comes_for_it(database: Database) -> None:
    with database.write() as session:
        centre = small_centre(session, mode="preview")
        (entry_id,) = add_entries(session, centre.list_id, 1, next_s=1800)
        user_id = centre.users["operator2"]
        reserved.keep_for(session, entry_id, centre.list_id, user_id=user_id, due_at=at(0))
        assert taken(take(session, centre, seat_id="operator1")) == []
        assert taken(take(session, centre, seat_id="operator1", now=at(1801))) == [entry_id]
        assert session.scalar(select(ReservedEntry)) is None


def test_ones_own_callback_comes_before_everything_else(database: Database) -> None:
    with database.write() as session:
        centre = small_centre(session, mode="preview")
        _, own = add_entries(session, centre.list_id, 2)
        session.execute(update(ListEntry).where(ListEntry.id == own).values(next_at=at(1800)))
        user_id = centre.users["operator2"]
        reserved.keep_for(session, own, centre.list_id, user_id=user_id, due_at=at(-5))
        assert taken(take(session, centre, seat_id="operator2")) == [own]


# --- the share of the AI ------------------------------------------------------------------------


def overdue(session: Session, entries: list[int], delinquency: str) -> None:
    people = select(ListEntry.customer_id).where(ListEntry.id.in_(entries))
    session.execute(update(Customer).where(Customer.id.in_(people)).values(delinquency=delinquency))


def test_everybody_is_called_by_people_as_long_as_nothing_else_is_said(
    database: Database,
) -> None:
    with database.write() as session:
        centre = small_centre(session)
        entries = add_entries(session, centre.list_id, 20)
        overdue(session, entries, "d1_30")
        assert len(taken(take(session, centre, 20))) == 20


def test_only_the_share_of_people_is_leased_when_the_rest_is_left_to_the_ai(
    database: Database,
) -> None:
    with database.write() as session:
        centre = small_centre(session, human_share_only=True)
        entries = add_entries(session, centre.list_id, 60)
        overdue(session, entries, "d31_90")
        customers = {entry.id: entry.customer_id for entry in session.scalars(select(ListEntry))}
        mine = [e for e in entries if BUILT_IN.channel(customers[e], "d31_90") == "human"]
        found = take(session, centre, 60)
        left = set(entries) - set(mine)
        times = set(
            session.scalars(
                select(ListEntry.next_at)
                .where(ListEntry.id.in_(left))
                .execution_options(populate_existing=True)
            )
        )
    assert taken(found) == mine
    assert times == {MIDNIGHT}
    assert (found.reason, found.next_allowed_at) == ("no-dialable", MIDNIGHT)


def test_the_first_of_the_peoples_share_is_found_in_one_lease(database: Database) -> None:
    with database.write() as session:
        centre = small_centre(session, human_share_only=True)
        entries = add_entries(session, centre.list_id, 60)
        overdue(session, entries, "d1_30")
        assert len(taken(take(session, centre))) == 1


def test_an_edit_of_the_table_decides_from_the_next_lease_on(database: Database) -> None:
    nobody = tuple(ClassRow(row.delinquency, row.weekly_calls, 0) for row in BUILT_IN.rows)
    with database.write() as session:
        centre = small_centre(session, human_share_only=True)
        entries = add_entries(session, centre.list_id, 30)
        overdue(session, entries, "d1_30")
        strategy_rows.add(session, Strategy(1, nobody), by="admin1", at=at())
        assert taken(take(session, centre, 30)) == entries


def test_a_callback_is_made_by_people_whatever_was_drawn(database: Database) -> None:
    everybody = tuple(ClassRow(row.delinquency, 7, 100) for row in BUILT_IN.rows)
    with database.write() as session:
        centre = small_centre(session, human_share_only=True)
        entries = add_entries(session, centre.list_id, 2)
        overdue(session, entries, "d91")
        strategy_rows.add(session, Strategy(1, everybody), by="admin1", at=at())
        reserved.keep_for(
            session,
            entries[0],
            centre.list_id,
            user_id=centre.users["operator1"],
            due_at=at() - timedelta(minutes=5),
        )
        assert taken(take(session, centre, 2)) == [entries[0]]
