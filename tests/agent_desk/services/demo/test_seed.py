"""The demo: enough customers, numbers that ring nobody, and only where nobody else can log in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select

from agent_desk.catalogue import translate
from agent_desk.dialer.business_time import JST, at
from agent_desk.models.campaigns import Campaign, CampaignList, Product, Status
from agent_desk.models.customers import Customer, Debt, Note, Phone
from agent_desk.models.lists import CustomerList, ListEntry
from agent_desk.models.messages import MessageFile
from agent_desk.models.results import Promise
from agent_desk.services.demo.people import people
from agent_desk.services.demo.seed import (
    ACCOUNTS,
    COLLECTIONS_SCRIPT,
    DemoRefused,
    demo_rows_exist,
    seed_demo,
)
from agent_desk.services.dialing.safe_harbours import DEBT_WORDS
from agent_desk.services.people.paid_time import paid_times
from agent_desk.services.people.targets import target_of
from agent_desk.store import schema
from agent_desk.store.invariants import questions as invariants
from agent_desk.store.people import accounts
from agent_desk.store.records import identity
from agent_desk.store.rules import messages, safe_harbours
from agent_desk.store.satisfaction import prompts
from agent_desk.store.unit_of_work import Database
from softphone.audio.prompts import load_messages, load_sounds
from softphone.practice_carrier.number_plan import CELL_KINDS, CELLS, HUMAN_KINDS
from tests.agent_desk.store.desk_rows import SEALER

NOW = datetime(2026, 11, 22, 14, 49, tzinfo=UTC)  # near midnight in Japan


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Seeded once, the tests below only read; `test_cli.py` seeds on both databases."""
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('demo') / 'desk.db'}")
    schema.upgrade(database)
    assert seed_demo(database, SEALER, now=NOW, loopback=True)
    yield database
    database.close()


def test_what_was_promised_and_written_was_within_calling_hours(seeded: Database) -> None:
    with seeded.read() as session:
        instants = [*session.scalars(select(Note.at)), *session.scalars(select(Promise.made_at))]
    assert instants and all(9 <= each.astimezone(JST).hour < 20 for each in instants)


def test_operators_are_paid_from_the_hour_the_demo_begins_and_have_a_target(
    seeded: Database,
) -> None:
    monday = date(2026, 11, 23)
    with seeded.read() as session:
        staff = {
            each.username: each.id
            for each in accounts.all_accounts(session)
            if each.role in ("operator", "lead")
        }
        afternoon = at(monday, 14 * 60 + 30)
        paid = paid_times(session, list(staff.values()), monday, monday, now=afternoon)
        wanted = {name: target_of(session, user_id, monday) for name, user_id in staff.items()}
    assert {staff[name] for name in wanted} == set(paid)
    assert {each.paid_s for each in paid.values()} == {4 * 3600}, "half a shift of 8 paid hours"
    assert all(wanted[f"operator{number}"] is not None for number in range(1, 6))


def test_the_demos_messages_are_approved_and_are_what_gateways_hold(seeded: Database) -> None:
    with seeded.read() as session:
        machine, abandoned = messages.approved(session), safe_harbours.approved(session)
        kept = set(session.scalars(select(MessageFile.sha256)))
        asked = prompts.approved(session)
    assert len(machine) == len(abandoned) == 2
    assert {kind for _, kind in asked} == {"survey_question", "survey_thanks"} and len(asked) == 4
    assert {*machine.values(), *asked.values()} == set(load_messages())
    assert set(abandoned.values()) == {load_sounds().safe_harbour.sha256}
    assert kept == {*machine.values(), *abandoned.values(), *asked.values()}


def test_a_second_seed_changes_nothing(seeded: Database) -> None:
    with seeded.read() as session:
        before = session.scalar(select(func.count()).select_from(Customer))
    assert seed_demo(seeded, SEALER, now=NOW, loopback=True) is False
    with seeded.read() as session:
        assert session.scalar(select(func.count()).select_from(Customer)) == before
        assert demo_rows_exist(session)
        assert invariants.check(session) == []


def test_there_are_customers_for_hours_in_three_lists_and_two_products(seeded: Database) -> None:
    with seeded.read() as session:
        sizes = dict(
            session.execute(
                select(CampaignList.campaign_id, func.count())
                .join(ListEntry, ListEntry.list_id == CampaignList.list_id)
                .group_by(CampaignList.campaign_id)
            ).all()
        )
        assert session.scalar(select(func.count()).select_from(CustomerList)) == 3
        assert session.scalar(select(func.count()).select_from(Product)) == 2
        assert {c.kind for c in session.scalars(select(Campaign))} == {"sales", "collections"}
        assert all(c.running == "running" for c in session.scalars(select(Campaign)))
    assert sum(sizes.values()) >= 300 and min(sizes.values()) >= 120


def test_every_number_is_of_the_unassigned_block_and_nobodys_twice(seeded: Database) -> None:
    with seeded.read() as session:
        numbers = [SEALER.open(sealed) for sealed in session.scalars(select(Phone.number_sealed))]
    assert all(number.startswith("+81900") and len(number) == 13 for number in numbers)
    assert not any(number[-4] == "9" for number in numbers)  # the carrier's test numbers
    assert len(set(numbers)) == len(numbers)


def test_about_half_of_each_list_are_people_and_no_long_run_is_without_one() -> None:
    for block in (101, 102, 103):
        cells = [CELLS[int(p.number[-2])][int(p.number[-1])] for p in people(block, 100)]
        human = [CELL_KINDS[cell] in HUMAN_KINDS for cell in cells]
        assert 40 <= sum(human) <= 60
        assert human[0]
        assert max(len(run) for run in "".join("01"[h] for h in human).split("1")) <= 5


def test_the_same_people_come_every_time() -> None:
    assert list(people(101, 20)) == list(people(101, 20))
    assert Counter(p.number for p in people(101, 20)).most_common(1)[0][1] == 1


def test_accounts_have_the_password_demo_and_the_teams_of_their_campaigns(
    seeded: Database,
) -> None:
    with seeded.read() as session:
        found = {row.username: row for row in accounts.all_accounts(session)}
        scopes = {name: accounts.scope(session, row) for name, row in found.items()}
    assert sorted(found) == ["admin1", "lead1", "manager1", *(f"operator{n}" for n in range(1, 6))]
    for row in found.values():
        assert PasswordHasher().verify(row.password_hash, "demo")
    assert scopes["operator1"] == scopes["operator3"] != scopes["operator4"]
    assert scopes["lead1"] == scopes["operator1"] | scopes["operator4"]
    assert scopes["manager1"] is None and scopes["admin1"] is None


def test_collections_customers_have_debts_a_past_and_something_to_be_known_by(
    seeded: Database,
) -> None:
    with seeded.read() as session:
        debts = session.scalars(select(Debt)).all()
        assert len(debts) >= 120 and all(debt.amount_yen > 0 for debt in debts)
        for factor in ("birth_date", "member_last4", "address_town", "phone_last4"):
            customer_id = debts[0].customer_id
            assert identity.factor(session, SEALER, customer_id, factor=factor)
        assert session.scalar(select(func.count()).select_from(Promise)) > 20
        assert session.scalar(select(func.count()).select_from(Note)) > 20


def test_a_payment_date_needs_identity_in_collections_only(seeded: Database) -> None:
    query = (
        select(Campaign.kind, Status.code, Status.needs_identity)
        .join(Campaign, Campaign.id == Status.campaign_id)
        .order_by(Campaign.kind, Status.position)
    )
    with seeded.read() as session:
        found = [tuple(row) for row in session.execute(query)]
    assert found == [
        ("collections", "contact", False),
        ("collections", "valid", False),
        ("collections", "payment_date", True),
        ("collections", "wrong_number", False),
        ("sales", "contact", False),
        ("sales", "valid", False),
        ("sales", "appointment", False),
        ("sales", "payment_date", False),
        ("sales", "wrong_number", False),
        ("sales", "refused", False),
    ]


def test_a_desk_others_can_reach_gets_no_demo(seeded: Database) -> None:
    with pytest.raises(DemoRefused):
        seed_demo(seeded, SEALER, now=NOW, loopback=False)


def test_third_parties_are_told_the_same_by_script_and_panel() -> None:
    """That one will call again, and nothing else (貸金業法21条1項5号)."""
    hint = translate("identity.hint_third_party", locale="ja")
    for text in (COLLECTIONS_SCRIPT, hint):
        assert "またおかけ直しいたします" in text
        assert "折り返し" not in text


def test_operators_introduce_themselves_by_an_ordinary_surname() -> None:
    surnames = {name.split()[0] for _, name, _, _ in ACCOUNTS}
    assert len(surnames) == len(ACCOUNTS)
    assert not [each for each in surnames if any(word in each for word in DEBT_WORDS)]
