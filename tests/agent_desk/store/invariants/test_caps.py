"""I5 of households, weeks and lists: silent at the cap, and named one attempt beyond it."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from agent_desk.models.calls import Attempt
from agent_desk.models.campaigns import Campaign
from agent_desk.models.rules import CampaignRule, Override
from agent_desk.store.invariants import questions
from agent_desk.store.invariants.violation import Violation
from agent_desk.store.unit_of_work import Database
from tests.agent_desk.store.desk_rows import NOON, Centre, add_customer, add_entry, small_centre

NUMBERS = itertools.count(1)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ENTRY, CUSTOMER = 1, 1


@pytest.fixture
def centre(database: Database) -> Centre:
    with database.write() as session:
        found = small_centre(session)
        add_entry(session, found.list_id, add_customer(session, "+819010000001"))
        add_entry(session, found.list_id, add_customer(session, "+819010000002"))
    return found


def call(
    session: Session,
    when: datetime,
    *,
    customer_id: int = CUSTOMER,
    number: str = "",
    cap: int = 3,
    counts: bool = True,
) -> None:
    """An attempt that rang, or was released; to a number of its own unless one is named."""
    call_id = f"{next(NUMBERS):032x}"
    session.execute(
        insert(Attempt).values(
            id=call_id,
            campaign_id=1,
            list_entry_id=customer_id,
            customer_id=customer_id,
            phone_id=customer_id,
            number_key=number or call_id,
            number_today=1,
            cap_today=cap,
            trunk_id="trunk1",
            gateway_id="gw1",
            desk_epoch=1,
            leased_at=when,
            placed_at=when,
            not_after=when + HOUR,
            open=False,
            counts=counts,
        )
    )


def exceeded(database: Database) -> list[Violation]:
    """Found by what the audit asks, apart from what the missing rows of the calls are."""
    with database.read() as session:
        found = questions.check(session)
    return [each for each in found if each.invariant == "I5"]


def test_a_call_in_the_instant_in_which_another_was_refused_keeps_its_distance(
    database: Database, centre: Centre
) -> None:
    with database.write() as session:
        call(session, NOON)
        call(session, NOON, counts=False)  # busy, whichever of the two ids is the smaller
        call(session, NOON + HOUR, counts=False)
        call(session, NOON + HOUR)
    assert exceeded(database) == []
    with database.write() as session:
        call(session, NOON + HOUR + timedelta(seconds=1), counts=False)
    assert [each.text for each in exceeded(database)] == ["two INVITEs within 1 s"]


def test_a_household_has_one_counter_for_all_its_people(database: Database, centre: Centre) -> None:
    with database.write() as session:
        call(session, NOON - 2 * HOUR, number="home", cap=2)
        call(session, NOON, customer_id=2, number="home", cap=2)
        call(session, NOON + DAY, number="home", cap=2)
    assert exceeded(database) == []
    with database.write() as session:
        call(session, NOON + 2 * HOUR, number="home", cap=2)
    [violation] = exceeded(database)
    assert (len(violation.ids), violation.text) == (3, "a number has 3 attempts on one day")


def test_a_week_of_dunning_ends_at_what_any_class_is_given(
    database: Database, centre: Centre
) -> None:
    with database.write() as session:
        for day in range(7):
            call(session, NOON + day * DAY)
        call(session, NOON + 7 * DAY)  # the first is a week ago
    assert exceeded(database) == []
    with database.write() as session:
        call(session, NOON + 7 * DAY + HOUR)
    [violation] = exceeded(database)
    assert violation.text == "customer 1 has 8 attempts in seven days, cap 7"
    with database.write() as session:
        session.execute(insert(Override).values(**lift("R11", NOON + 7 * DAY)))
    assert exceeded(database) == []


@pytest.mark.parametrize("kind", ["collections", "sales"])
def test_a_campaigns_own_week_holds_from_when_it_was_set(
    database: Database, centre: Centre, kind: str
) -> None:
    with database.write() as session:
        session.execute(update(Campaign).values(kind=kind))
        own = {"campaign_id": 1, "weekly_cap": 2, "total_cap": 6, "changed_at": NOON + 2 * DAY}
        session.execute(insert(CampaignRule).values(**own))
        for day in (0, 1, 1.1, 7.5, 14):  # three in a week while no cap of its own was set
            call(session, NOON + day * DAY)
    assert exceeded(database) == []
    with database.write() as session:
        call(session, NOON + 13 * DAY)
    [violation] = exceeded(database)
    assert violation.text == "customer 1 has 3 attempts in seven days, cap 2"
    with database.write() as session:
        session.execute(insert(Override).values(**lift("R11", NOON + 13.5 * DAY)))
    assert exceeded(database) == []


def lift(rule_id: str, made_at: datetime) -> dict[str, object]:
    return {
        "rule_id": rule_id,
        "customer_id": CUSTOMER,
        "role": "manager",
        "actor": "manager1",
        "reason": "asked",
        "made_at": made_at,
        "until": made_at + DAY,
    }


def test_a_list_is_done_with_somebody_after_three_attempts_in_thirty_days(
    database: Database, centre: Centre
) -> None:
    with database.write() as session:
        session.execute(update(Campaign).values(kind="sales"))
        for day in (0, 10, 20, 30, 40):  # the fourth is thirty days after the first
            call(session, NOON + day * DAY)
    assert exceeded(database) == []
    with database.write() as session:
        call(session, NOON + 41 * DAY)
    [violation] = exceeded(database)
    assert violation.text == "customer 1 has 4 attempts for a list in 30 days, cap 3"
    setting = {"campaign_id": 1, "total_cap": 4, "changed_at": NOON}
    with database.write() as session:
        session.execute(insert(CampaignRule).values(**setting))
    assert exceeded(database) == []
    with database.write() as session:
        session.execute(update(CampaignRule).values(total_days=60))
    assert [violation.text[-6:] for violation in exceeded(database)] == [" cap 4"] * 2


def test_attempts_before_a_setting_was_changed_are_held_against_the_hard_limit_alone(
    database: Database, centre: Centre
) -> None:
    with database.write() as session:
        session.execute(update(Campaign).values(kind="sales"))
        changed = {"campaign_id": 1, "total_cap": 1, "changed_at": NOON + 9 * DAY}
        session.execute(insert(CampaignRule).values(**changed))
        for day in range(6):
            call(session, NOON + day * DAY)
    assert exceeded(database) == []
    with database.write() as session:
        call(session, NOON + 6 * DAY)
    assert [violation.text[-6:] for violation in exceeded(database)] == [" cap 6"]
